-- What the touched objects say or ever said, under any name of theirs.
INSERT INTO work_subjects (object_hash)
SELECT DISTINCT other_hash FROM likenesses
WHERE key_hash IN (
    SELECT object_hash FROM work_states
    UNION DISTINCT
    SELECT object_hash FROM work_members
    UNION DISTINCT
    SELECT sipHash64(object_type, arrayJoin(names)) FROM work_near
    WHERE object_hash IN (SELECT object_hash FROM work_states) AND length(names) > 1
)
