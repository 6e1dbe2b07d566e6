-- The first events of an object that is on no path, under all of its names.
SELECT e.event_id AS event_id, e.occurred_at AS occurred_at, e.source AS source, if(sender.role = '', 'unknown', sender.role) AS role,
    concat(e.object_type, '/', e.object_id) AS object, e.action AS action, e.outcome AS outcome, e.amount AS amount,
    e.currency AS currency, e.error_code AS error_code, e.error_message AS error_message, e.delivery AS delivery
FROM (
    SELECT * FROM events
    WHERE object_hash IN (
        SELECT sipHash64({type:String}, {id:String})
        UNION ALL
        SELECT sipHash64(object_type, arrayJoin(names)) FROM objects FINAL WHERE object_hash = {class:UInt64} AND NOT deleted
    )
    ORDER BY occurred_at, source, event_id, content_hash
    LIMIT {limit:UInt64}
) AS e
LEFT JOIN (SELECT name, role FROM sources FINAL) AS sender ON sender.name = e.source
ORDER BY e.occurred_at, e.source, e.event_id, e.content_hash
