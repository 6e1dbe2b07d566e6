SELECT count() FROM work_dues
