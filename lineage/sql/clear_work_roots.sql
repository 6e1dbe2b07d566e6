TRUNCATE TABLE work_roots
