INSERT INTO temp.event_times SELECT ocel_id, ocel_time FROM {{table}}
