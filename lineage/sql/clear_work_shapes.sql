TRUNCATE TABLE work_shapes
