SELECT object_hash FROM work_states UNION ALL SELECT object_hash FROM work_nodes
