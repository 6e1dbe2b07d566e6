TRUNCATE TABLE work_rings
