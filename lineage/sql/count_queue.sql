SELECT count() AS roots, countIf(tail_hash != 0) AS tails FROM work_root_queue
