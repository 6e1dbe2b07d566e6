TRUNCATE TABLE work_covers
