TRUNCATE TABLE work_starts
