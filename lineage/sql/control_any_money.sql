SELECT count() > 0 FROM work_control_events WHERE measure != '' AND amount IS NOT NULL
