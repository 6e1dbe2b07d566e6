-- Events that a mended mapping has made otherwise leave `events` and what is derived from it, and are kept beside.
-- The events themselves go last: until then everything here can be done again from them.
INSERT INTO superseded_events (
    delivery, source, event_id, content_hash, object_hash, object_type, object_id, occurred_at, received_at, mapping,
    mapping_version, action, outcome, correlation_id, trace_id, span_id, idempotency_key, link_types, link_ids,
    link_relations, amount, currency, measure, by_delivery, by_version, batch, superseded_at
)
SELECT
    told.delivery, told.source, told.event_id, told.content_hash, told.object_hash, told.object_type, told.object_id,
    told.occurred_at, told.received_at, told.mapping, told.mapping_version, told.action, told.outcome, told.correlation_id,
    told.trace_id, told.span_id, told.idempotency_key, told.link_types, told.link_ids, told.link_relations, told.amount,
    told.currency, told.measure, gone.by_delivery, gone.by_version, {batch:UInt64}, {at:DateTime64(6, 'UTC')}
FROM (SELECT * FROM events WHERE object_hash IN (SELECT object_hash FROM superseding)) AS told
INNER JOIN (
    SELECT source, event_id, content_hash, delivery, any(by_delivery) AS by_delivery, any(by_version) AS by_version
    FROM superseding GROUP BY source, event_id, content_hash, delivery
) AS gone
    ON gone.source = told.source AND gone.event_id = told.event_id AND gone.content_hash = told.content_hash
        AND gone.delivery = told.delivery
;
-- Lineage tells the objects anew that they were events of.
INSERT INTO event_arrivals (batch, object_hash, object_type, object_id, correlation_id, idempotency_key, admitted_at)
SELECT {batch:UInt64}, object_hash, object_type, object_id, correlation_id, idempotency_key, {at:DateTime64(6, 'UTC')}
FROM superseded_events FINAL
WHERE batch = {batch:UInt64}
;
DELETE FROM event_ids
WHERE (day, identity, content_hash) IN (
    SELECT toDate(occurred_at, 'UTC'), sipHash64(source, event_id), content_hash FROM superseding
)
;
DELETE FROM correlations
WHERE (correlation_hash, object_hash) IN (
    SELECT sipHash64(correlation_id), object_hash FROM superseded_events FINAL WHERE batch = {batch:UInt64}
)
AND (correlation_hash, object_hash) NOT IN (
    SELECT sipHash64(correlation_id), object_hash
    FROM events
    WHERE object_hash IN (SELECT object_hash FROM superseding)
        AND (source, event_id, content_hash, delivery) NOT IN (SELECT source, event_id, content_hash, delivery FROM superseding)
)
;
DELETE FROM event_spans
WHERE linked = 0 AND (trace_id, span_id, object_hash) IN (
    SELECT trace_id, span_id, object_hash FROM superseded_events FINAL WHERE batch = {batch:UInt64} AND trace_id != ''
)
AND (trace_id, span_id, object_hash) NOT IN (
    SELECT trace_id, span_id, object_hash
    FROM events
    WHERE object_hash IN (SELECT object_hash FROM superseding)
        AND (source, event_id, content_hash, delivery) NOT IN (SELECT source, event_id, content_hash, delivery FROM superseding)
)
;
DELETE FROM events
WHERE object_hash IN (SELECT object_hash FROM superseding)
    AND (source, event_id, content_hash, delivery) IN (SELECT source, event_id, content_hash, delivery FROM superseding)
