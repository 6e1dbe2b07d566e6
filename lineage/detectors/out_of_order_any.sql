SELECT count() FROM work_doubts
