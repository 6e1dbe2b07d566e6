TRUNCATE TABLE work_members
