SELECT count() FROM work_tangled
