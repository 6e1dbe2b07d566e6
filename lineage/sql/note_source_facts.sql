INSERT INTO source_facts (source, object_type, first_at, last_at)
SELECT source, object_type, min(occurred_at), max(occurred_at) FROM events
WHERE object_hash IN (SELECT object_hash FROM event_arrivals WHERE batch > {from_batch:UInt64} AND batch <= {to_batch:UInt64})
    AND batch > {from_batch:UInt64} AND batch <= {to_batch:UInt64}
GROUP BY source, object_type
