DELETE FROM events WHERE event_id = {event:String}
