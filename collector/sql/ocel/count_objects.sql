SELECT count(*) FROM first_events
