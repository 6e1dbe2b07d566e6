SELECT count() FROM work_hops WHERE round = {round:UInt32} + 1 AND label = 0
