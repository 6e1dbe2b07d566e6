SELECT count(*) FROM event_object
