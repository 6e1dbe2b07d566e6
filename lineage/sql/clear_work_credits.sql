TRUNCATE TABLE work_credits
