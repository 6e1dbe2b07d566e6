-- All names of the touched classes.
INSERT INTO work_seeds (object_hash, object_type, object_id)
SELECT object_hash, object_type, object_id FROM work_labels WHERE round = 0
