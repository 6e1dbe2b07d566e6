-- Every event of every object of the path, under all names of the object.
SELECT e.event_id AS event_id, e.occurred_at AS occurred_at, e.source AS source, if(sender.role = '', 'unknown', sender.role) AS role,
    concat(e.object_type, '/', e.object_id) AS object, toString(e.object_type) AS object_type, e.action AS action, e.outcome AS outcome,
    e.attempt AS attempt, e.amount AS amount, e.currency AS currency, e.measure AS measure, e.correlation_id AS correlation_id,
    e.error_code AS error_code, e.error_message AS error_message, e.delivery AS delivery
FROM (
    SELECT * FROM events
    WHERE object_hash IN (
        SELECT sipHash64(object_type, arrayJoin(names)) FROM objects FINAL
        WHERE object_hash IN {objects:Array(UInt64)} AND NOT deleted
    )
) AS e
LEFT JOIN (SELECT name, role FROM sources FINAL) AS sender ON sender.name = e.source
ORDER BY e.occurred_at, e.source, e.event_id, e.content_hash
