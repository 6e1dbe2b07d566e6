TRUNCATE TABLE work_tails
