SELECT count() FROM work_root_queue
