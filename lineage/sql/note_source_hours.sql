INSERT INTO source_hours (source, hour, first, last)
SELECT source, toStartOfHour(occurred_at) AS hour, min((occurred_at, event_id)), max((occurred_at, event_id)) FROM events
WHERE object_hash IN (SELECT object_hash FROM event_arrivals WHERE batch > {from_batch:UInt64} AND batch <= {to_batch:UInt64})
    AND batch > {from_batch:UInt64} AND batch <= {to_batch:UInt64}
GROUP BY source, hour
