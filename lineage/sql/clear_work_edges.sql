TRUNCATE TABLE work_edges
