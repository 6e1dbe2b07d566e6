TRUNCATE TABLE work_tangled
