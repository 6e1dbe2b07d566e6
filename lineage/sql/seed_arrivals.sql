-- What the new events are about.
INSERT INTO work_seeds (object_hash, object_type, object_id)
SELECT DISTINCT object_hash, object_type, object_id
FROM event_arrivals
WHERE batch > {from_batch:UInt64} AND batch <= {to_batch:UInt64}
