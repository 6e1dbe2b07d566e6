INSERT INTO idempotency_uses (key_hash, object_type, object_hash, object_id, action, outcome, occurred_at, idempotency_key)
SELECT DISTINCT sipHash64(idempotency_key), object_type, object_hash, object_id, action, outcome, occurred_at, idempotency_key
FROM events
WHERE object_hash IN (SELECT object_hash FROM work_seeds) AND batch > {events_from:UInt64} AND batch <= {to_batch:UInt64} AND idempotency_key != ''
