TRUNCATE TABLE work_bearers
