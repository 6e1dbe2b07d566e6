SELECT ocel_type, 'object_' || ocel_type_map FROM object_map_type
