INSERT INTO superseded_events (
    source, event_id, content_hash, object_hash, object_type, object_id, occurred_at, action, outcome, correlation_id, trace_id, span_id,
    idempotency_key, link_types, link_ids, link_relations, amount, currency, measure, batch
)
SELECT source, event_id, content_hash, object_hash, object_type, object_id, occurred_at, action, outcome, correlation_id, trace_id, span_id,
    idempotency_key, link_types, link_ids, link_relations, amount, currency, measure, {batch:UInt64}
FROM events WHERE event_id IN {events:Array(String)}
;
INSERT INTO event_arrivals (batch, object_hash, object_type, object_id, correlation_id, idempotency_key, admitted_at)
SELECT {batch:UInt64}, object_hash, object_type, object_id, correlation_id, idempotency_key, admitted_at
FROM events WHERE event_id IN {events:Array(String)}
;
DELETE FROM correlations WHERE (correlation_hash, object_hash) IN (
    SELECT sipHash64(correlation_id), object_hash FROM events WHERE event_id IN {events:Array(String)}
)
;
DELETE FROM event_spans WHERE linked = 0 AND (trace_id, span_id) IN (
    SELECT trace_id, span_id FROM events WHERE event_id IN {events:Array(String)} AND trace_id != ''
)
;
DELETE FROM events WHERE event_id IN {events:Array(String)}
