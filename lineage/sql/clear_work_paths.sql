TRUNCATE TABLE work_paths
