-- The identities of all events of the touched objects.
INSERT INTO work_subjects (object_hash)
SELECT DISTINCT sipHash64(source, event_id) FROM events
WHERE object_hash IN (
    SELECT sipHash64(object_type, arrayJoin(names)) FROM objects FINAL
    WHERE object_hash IN (SELECT object_hash FROM work_states) AND NOT deleted
)
