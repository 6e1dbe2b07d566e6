TRUNCATE TABLE work_states
