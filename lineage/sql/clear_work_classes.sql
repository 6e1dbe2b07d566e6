TRUNCATE TABLE work_classes
