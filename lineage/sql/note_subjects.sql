INSERT INTO work_subjects (object_hash)
SELECT object_hash FROM work_states
UNION DISTINCT
SELECT object_hash FROM work_members
