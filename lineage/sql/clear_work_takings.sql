TRUNCATE TABLE work_takings
