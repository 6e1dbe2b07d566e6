SELECT count() FROM work_seeds
