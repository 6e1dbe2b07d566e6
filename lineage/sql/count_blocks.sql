SELECT count() FROM work_blocks
