SELECT count() FROM work_rings
