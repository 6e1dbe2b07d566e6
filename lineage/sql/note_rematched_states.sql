INSERT INTO work_states (object_hash)
SELECT object_hash FROM work_rematched WHERE object_hash NOT IN (SELECT object_hash FROM work_states)
