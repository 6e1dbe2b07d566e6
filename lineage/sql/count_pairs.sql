SELECT count() FROM work_pairs WHERE depth = {depth:UInt32}
