TRUNCATE TABLE work_events
