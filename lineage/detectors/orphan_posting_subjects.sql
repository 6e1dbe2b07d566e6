-- The touched objects, and orphans of old that a touched path has taken in: what was posted may be referred to later.
INSERT INTO work_subjects (object_hash)
SELECT object_hash FROM work_states
UNION DISTINCT
SELECT object_hash FROM work_members
UNION DISTINCT
SELECT subject_hash FROM finding_rows
WHERE detector = 'orphan_posting' AND NOT deleted AND subject_hash IN (
    SELECT arrayJoin(object_hashes) FROM tails FINAL
    WHERE tail_hash IN (SELECT tail_hash FROM work_root_queue WHERE tail_hash != 0)
)
