TRUNCATE TABLE work_seeds
