SELECT count() > 0 FROM case_events
