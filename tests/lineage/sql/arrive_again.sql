-- What a collector makes again that has lost a part of it: the events keep their batch.
INSERT INTO event_arrivals (batch, object_hash, object_type, object_id, correlation_id, idempotency_key, admitted_at)
SELECT {batch:UInt64}, object_hash, object_type, object_id, correlation_id, idempotency_key, admitted_at
FROM events WHERE object_type IN {types:Array(String)}
