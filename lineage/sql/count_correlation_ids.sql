SELECT count() FROM work_correlation_ids
