SELECT count() FROM failed_objects WHERE object_hash IN (SELECT object_hash FROM work_states)
