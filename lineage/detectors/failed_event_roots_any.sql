SELECT count() FROM failed_objects
WHERE object_hash IN (SELECT object_hash FROM work_nodes) OR object_hash IN (SELECT root_hash FROM work_roots)
