SELECT count() FROM work_nodes WHERE depth = {depth:UInt32}
