TRUNCATE TABLE work_matches
