SELECT count() FROM work_taken
