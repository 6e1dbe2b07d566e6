-- The touched objects, and what was made from them directly.
INSERT INTO work_subjects (object_hash)
SELECT object_hash FROM work_states
UNION DISTINCT
SELECT object_hash FROM work_members
UNION DISTINCT
SELECT down_hash FROM work_downs
WHERE down_hash != 0 AND up_hash IN (SELECT object_hash FROM work_states UNION DISTINCT SELECT object_hash FROM work_members)
