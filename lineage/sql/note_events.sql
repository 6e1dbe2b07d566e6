-- Order of events is (occurred_at, source, event_id, content_hash), never arrival.
INSERT INTO work_events (
    class_hash, place, object_type, occurred_at, source, event_id, content_hash, action, outcome, correlation_id, idempotency_key, error_code,
    error_message, amount, currency, customer, contract, project, resource, legal_entity, service_line, region, engagement, period,
    link_types, link_ids, link_relations, link_amounts, span_links
)
SELECT
    member.class_hash, e.place, e.object_type, e.occurred_at, e.source, e.event_id, e.content_hash, e.action, e.outcome, e.correlation_id,
    e.idempotency_key, e.error_code, e.error_message, e.amount, e.currency, e.customer, e.contract, e.project, e.resource, e.legal_entity,
    e.service_line, e.region, e.engagement, e.period, e.link_types, e.link_ids, e.link_relations, e.link_amounts, e.span_links
FROM (
    SELECT *, rowNumberInAllBlocks() AS place
    FROM (
        SELECT
            object_hash, object_type, occurred_at, source, event_id, content_hash, action, outcome, correlation_id, idempotency_key, error_code,
            error_message, amount, currency, customer, contract, project, resource, legal_entity, service_line, region, engagement, period,
            link_types, link_ids, link_relations, link_amounts, span_links
        FROM events
        WHERE object_hash IN (SELECT object_hash FROM work_members)
        ORDER BY occurred_at, source, event_id, content_hash
    )
) AS e
INNER JOIN (SELECT object_hash, class_hash FROM work_members) AS member ON member.object_hash = e.object_hash
