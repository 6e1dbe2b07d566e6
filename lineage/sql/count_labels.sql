SELECT count() FROM work_labels
