CREATE INDEX event_object_event ON event_object (ocel_event_id)
