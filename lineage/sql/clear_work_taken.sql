TRUNCATE TABLE work_taken
