TRUNCATE TABLE work_pairs
