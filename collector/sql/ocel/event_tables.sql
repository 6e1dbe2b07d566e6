SELECT ocel_type, 'event_' || ocel_type_map FROM event_map_type
