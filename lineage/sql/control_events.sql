-- What the events of these objects say that matters to controls.
INSERT INTO work_control_events (
    class_hash, class, at, action, role, ok, reverses, contract, legal_entity, period, amount, currency, measure
)
SELECT
    member.class_hash, if(member.class = '', concat(e.object_type, '/', e.object_id), member.class),
    (e.occurred_at, e.source, e.event_id, toString(e.content_hash)), e.action, if(empty(origin.role), 'unknown', origin.role),
    e.outcome = 'ok', has(e.link_relations, 'reverses'), e.contract, e.legal_entity, e.period, e.amount, e.currency, e.measure
FROM (
    SELECT object_hash, object_type, object_id, occurred_at, source, event_id, content_hash, action, outcome, link_relations,
        contract, legal_entity, period, amount, currency, measure
    FROM events
    WHERE object_hash IN (SELECT object_hash FROM work_control_members)
) AS e
INNER JOIN work_control_members AS member ON member.object_hash = e.object_hash
LEFT JOIN (SELECT name, role FROM v_sources) AS origin ON origin.name = e.source
