-- What the events of every source and stage are held together by; an event of two stages counts for both. Context (`part_of`) holds nothing together. `enters` says that the
-- object comes onto its path with this stage, so that the event has to name what it was made from or carry a correlation id.
WITH
    stages AS (
        SELECT toString(object_type) AS object_type, action, toString(stage) AS stage, roles, max(enters) AS enters
        FROM (
            SELECT object_type, arrayJoin(actions) AS action, stage, roles,
                type_place > 1 AND position = min(position) OVER (PARTITION BY process, type_place) AS enters
            FROM process_stages
        )
        GROUP BY object_type, action, stage, roles
    ),
    told AS (
        SELECT toString(source) AS source, toString(object_type) AS object_type, toString(action) AS action, count() AS events,
            countIf(correlation_id != '') AS correlated,
            countIf(notEmpty(span_links) OR arrayExists(relation -> relation != 'part_of', link_relations)) AS linked,
            countIf(correlation_id = '' AND empty(span_links) AND NOT arrayExists(relation -> relation != 'part_of', link_relations)) AS neither
        FROM events
        GROUP BY source, object_type, action
    ),
    placed AS (
        SELECT told.*, if(sender.role = '', 'unknown', toString(sender.role)) AS role,
            arrayDistinct(arrayMap(one -> (one.1, one.2), arrayFilter(one -> empty(one.3) OR has(one.3, role), ways))) AS fits
        FROM told
        LEFT JOIN (SELECT name, role FROM sources FINAL) AS sender ON sender.name = told.source
        LEFT JOIN (
            SELECT object_type AS its_type, action AS its_action, groupArray((stage, enters, roles)) AS ways FROM stages GROUP BY object_type, action
        ) AS way ON way.its_type = told.object_type AND way.its_action = told.action
    )
SELECT source, role, object_type, fit.1 AS stage, max(fit.2) AS enters, sum(placed.events) AS events, sum(placed.correlated) AS correlated,
    sum(placed.linked) AS linked, sum(placed.neither) AS neither
FROM placed
ARRAY JOIN if(empty(fits), [('', toUInt8(0))], fits) AS fit
GROUP BY source, role, object_type, stage
ORDER BY source, object_type, stage = '', stage
