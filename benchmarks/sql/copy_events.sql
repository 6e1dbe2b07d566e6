INSERT INTO events_copy SELECT * FROM events
