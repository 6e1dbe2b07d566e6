TRUNCATE TABLE work_nodes
