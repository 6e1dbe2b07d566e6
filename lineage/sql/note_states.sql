-- Whose state is to be told anew: the changed objects.
INSERT INTO work_states (object_hash)
SELECT DISTINCT class_hash FROM work_members
