-- One row of nobody: the engine refuses to put an empty table in the place of another.
INSERT INTO work_control_places (object_hash) SELECT 0
