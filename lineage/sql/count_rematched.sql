SELECT count() FROM work_rematched
