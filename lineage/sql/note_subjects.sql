INSERT INTO work_subjects (object_hash) SELECT object_hash FROM work_states
