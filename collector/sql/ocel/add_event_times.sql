INSERT OR IGNORE INTO temp.event_times SELECT ocel_id, ocel_time, utc(ocel_time) FROM {{table}}
