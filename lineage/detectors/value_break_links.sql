SELECT count() FROM work_hops WHERE label != 0
