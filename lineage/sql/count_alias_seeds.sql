SELECT count() FROM alias_edges WHERE object_hash IN (SELECT object_hash FROM work_seeds)
