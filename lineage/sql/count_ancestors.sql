SELECT count() FROM work_ancestors WHERE depth = {depth:UInt32}
