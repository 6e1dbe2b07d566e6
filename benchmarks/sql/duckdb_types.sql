SELECT DISTINCT ocel_type_map FROM memory.main.event_map_type
