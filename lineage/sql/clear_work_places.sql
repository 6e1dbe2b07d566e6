TRUNCATE TABLE work_places
