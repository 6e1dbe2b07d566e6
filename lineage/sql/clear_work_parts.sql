TRUNCATE TABLE work_parts
