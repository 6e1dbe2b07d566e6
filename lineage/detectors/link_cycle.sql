-- What can be reached from an object and from what it can be reached is in a ring with it.
WITH
    rings AS (
        SELECT start, arraySort(groupArray(node)) AS nodes
        FROM (SELECT start, node FROM work_rings GROUP BY start, node HAVING uniqExact(downward) = 2)
        GROUP BY start
        HAVING length(nodes) > 1
    ),
    members AS MATERIALIZED (
        SELECT DISTINCT nodes, arrayJoin(nodes) AS object_hash FROM rings
    )
SELECT
    argMin(told.object_hash, told.key) AS subject_hash,
    '' AS root,
    'governance' AS kind,
    'link_cycle' AS subkind,
    'governance' AS class,
    'warning' AS severity,
    min(told.key) AS object,
    '' AS process,
    '' AS stage,
    argMin(told.source, told.key) AS source,
    argMin(told.legal_entity, told.key) AS legal_entity,
    if(uniqExactIf(told.currency, told.amount IS NOT NULL) > 1, NULL, toDecimal64OrNull(toString(sum(told.amount)), 4)) AS amount,
    if(amount IS NULL, '', maxIf(told.currency, told.amount IS NOT NULL)) AS currency,
    min(told.first_at) AS first_seen,
    max(told.last_at) AS last_seen,
    min(told.first_at) AS clock_start,
    NULL AS due_at,
    NULL AS resolved_at,
    '' AS resolved_by,
    arraySlice(arraySort(groupUniqArrayArray(told.event_ids)), 1, 20) AS evidence,
    concat('Links lead in a ring, so that each is made from the other: ', arrayStringConcat(arraySlice(arraySort(groupArray(told.key)), 1, 10), ', '), '.') AS explanation
FROM members AS member
INNER JOIN (
    SELECT object_hash, concat(object_type, '/', object_id) AS key, toString(source) AS source, toString(legal_entity) AS legal_entity, amount,
        toString(currency) AS currency, first_at, last_at, arrayFilter(id -> id != '', arrayMap(up -> up.8, arrayFilter(up -> up.4 = 'from', ups))) AS event_ids
    FROM objects FINAL WHERE object_hash IN (SELECT object_hash FROM members) AND NOT deleted
) AS told ON told.object_hash = member.object_hash
GROUP BY member.nodes
