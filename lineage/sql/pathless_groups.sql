-- What the events of an object say, one row a kind; `waiting`: not yet taken in by the wheel.
SELECT toString(e.object_type) AS object_type, e.source AS source, if(sender.role = '', 'unknown', sender.role) AS role,
    e.action AS action, e.outcome = 'ok' AS ok, e.engagement AS engagement, count() AS events,
    countIf(e.batch > (SELECT max(batch) FROM wheel_turns)) AS waiting
FROM (
    SELECT * FROM events
    WHERE object_hash IN (
        SELECT sipHash64({type:String}, {id:String})
        UNION ALL
        SELECT sipHash64(object_type, arrayJoin(names)) FROM objects FINAL WHERE object_hash = {class:UInt64} AND NOT deleted
    )
) AS e
LEFT JOIN (SELECT name, role FROM sources FINAL) AS sender ON sender.name = e.source
GROUP BY object_type, source, role, action, ok, engagement
ORDER BY source, action, ok, engagement, object_type
