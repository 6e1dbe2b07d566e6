INSERT INTO superseded_events (
    source, event_id, content_hash, object_hash, object_type, object_id, occurred_at, action, outcome, idempotency_key, link_types, link_ids,
    link_relations, amount, currency, measure, batch
)
SELECT source, event_id, content_hash, object_hash, object_type, object_id, occurred_at, action, outcome, idempotency_key, link_types, link_ids,
    link_relations, amount, currency, measure, {batch:UInt64}
FROM events WHERE event_id IN {events:Array(String)}
;
INSERT INTO event_arrivals (batch, object_hash, object_type, object_id, correlation_id, idempotency_key, admitted_at)
SELECT {batch:UInt64}, object_hash, object_type, object_id, correlation_id, idempotency_key, admitted_at
FROM events WHERE event_id IN {events:Array(String)}
;
DELETE FROM events WHERE event_id IN {events:Array(String)}
