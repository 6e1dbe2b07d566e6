SELECT count() FROM work_bearers WHERE depth = {depth:UInt32}
