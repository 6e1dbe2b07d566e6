-- A refused record still says when it happened, mostly; else it counts from when it came.
INSERT INTO source_refusals (source, object_type, reason, field, first_at, last_at, first_record, last_record)
SELECT source, object_type, reason, field, min(at), max(at), min((at, named)), max((at, named))
FROM (
    SELECT source, object_type, reason, field, concat(delivery, ':', toString(record)) AS named,
        coalesce(parseDateTime64BestEffortOrNull(JSONExtractString(raw, 'occurred_at'), 6, 'UTC'), received_at) AS at
    FROM quarantine
    WHERE delivery IN (SELECT delivery FROM deliveries WHERE batch > {from_batch:UInt64} AND batch <= {to_batch:UInt64})
        AND source != '' AND object_type != ''
)
GROUP BY source, object_type, reason, field
