DELETE FROM event_arrivals WHERE object_type IN {types:Array(String)}
