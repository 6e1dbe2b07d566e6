TRUNCATE TABLE work_targets
