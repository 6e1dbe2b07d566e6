CREATE TABLE engine_events AS events
