TRUNCATE TABLE work_labels
