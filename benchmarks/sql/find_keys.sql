-- Some keys of each kind, spread over all events by their hashes.
SELECT object_id AS id, contract, project, customer, correlation_id AS correlation, trace_id AS trace, idempotency_key AS idempotency
FROM events
WHERE object_type = 'invoice' AND action = 'created' AND idempotency_key != ''
ORDER BY cityHash64(event_id)
LIMIT {keys:UInt64}
