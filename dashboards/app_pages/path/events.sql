-- What happened on one path, oldest first.
SELECT
    occurred_at, received_at, source, role, object_type, object_id, action, outcome, attempt, amount, currency, measure,
    error_code, error_message, event_id, delivery, correlation_id, count() OVER () AS events
FROM v_events
WHERE
    (object_type, object_id) IN (SELECT object_type, object_id FROM v_path_objects WHERE {{this_root}})
    AND occurred_at <= {now:DateTime64(6, 'UTC')}
ORDER BY occurred_at, source, event_id
LIMIT {rows:UInt32} OFFSET {events_offset:UInt64}
