SELECT count() FROM work_reversed WHERE round = {round:UInt32}
