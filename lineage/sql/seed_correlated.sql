-- Who shares a correlation id with the new events: their correlated links may come, change or go.
INSERT INTO work_seeds (object_hash, object_type, object_id)
SELECT DISTINCT object_hash, object_type, object_id
FROM correlations
WHERE correlation_hash IN (
    SELECT sipHash64(correlation_id) FROM event_arrivals
    WHERE batch > {from_batch:UInt64} AND batch <= {to_batch:UInt64} AND correlation_id != ''
)
