    object_hash, object_type, object_id, occurred_at, source, event_id, content_hash, action, outcome, correlation_id, idempotency_key,
    link_types, link_ids, link_relations, link_amounts, span_links, customer, contract, contract_version, project, resource, legal_entity,
    service_line, region, engagement, period, actor, amount, currency, error_code, error_message, attributes
