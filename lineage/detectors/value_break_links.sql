SELECT count() FROM work_hops
