TRUNCATE TABLE work_sources
