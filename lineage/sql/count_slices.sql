SELECT if(count() = 0, 0, max(slice) + 1) AS slices, count() AS roots FROM work_root_queue
