INSERT INTO work_taken (object_hash)
SELECT DISTINCT object_hash FROM taken_objects WHERE object_hash IN (SELECT object_hash FROM work_states)
