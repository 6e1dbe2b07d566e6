SELECT ocel_id, CAST(ocel_time AS TIMESTAMP) AS at FROM memory.main."{{table}}"
