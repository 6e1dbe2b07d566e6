TRUNCATE TABLE work_steps
