TRUNCATE TABLE work_downs
