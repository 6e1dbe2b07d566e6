TRUNCATE TABLE work_blocks
