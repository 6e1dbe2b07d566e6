-- The ids that would join more objects of a process than the bounds allow: what add_correlated_ups leaves out.
WITH
    carriers AS MATERIALIZED (
        SELECT DISTINCT carrier.correlation_hash AS correlation_hash, carrier.correlation_id AS correlation_id, carrier.object_type AS object_type,
            if(class.class_hash = 0, carrier.object_hash, class.class_hash) AS class_hash
        FROM (
            SELECT correlation_hash, correlation_id, object_hash, toString(object_type) AS object_type FROM correlations
            WHERE correlation_hash IN (SELECT object_hash FROM work_subjects)
        ) AS carrier
        LEFT JOIN (
            SELECT object_hash, class_hash FROM alias_classes FINAL
            WHERE object_hash IN (SELECT object_hash FROM correlations WHERE correlation_hash IN (SELECT object_hash FROM work_subjects))
        ) AS class ON class.object_hash = carrier.object_hash
    ),
    crowd AS (
        SELECT place.process AS process, carrier.correlation_hash AS correlation_hash, carrier.correlation_id AS correlation_id,
            place.type_place AS type_place, count() AS objects, lagInFrame(count(), 1, 0) OVER earlier AS earlier_objects
        FROM carriers AS carrier
        INNER JOIN (SELECT DISTINCT process, toString(object_type) AS object_type, type_place FROM process_stages) AS place
            ON place.object_type = carrier.object_type
        GROUP BY process, correlation_hash, correlation_id, type_place
        WINDOW earlier AS (PARTITION BY process, correlation_id ORDER BY type_place ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
    ),
    reused AS MATERIALIZED (
        SELECT correlation_hash, correlation_id, max(joined) AS most
        FROM (
            SELECT process, correlation_hash, correlation_id, sum(objects) AS joined FROM crowd
            GROUP BY process, correlation_hash, correlation_id
            HAVING joined > {objects_max:UInt64} OR sum(objects * earlier_objects) > {pairs_max:UInt64}
        )
        GROUP BY correlation_hash, correlation_id
    )
SELECT
    reused.correlation_hash AS subject_hash,
    '' AS root,
    'governance' AS kind,
    'correlation_reused' AS subkind,
    'governance' AS class,
    'warning' AS severity,
    concat('correlation/', reused.correlation_id) AS object,
    '' AS process,
    '' AS stage,
    min(told.source) AS source,
    '' AS legal_entity,
    NULL AS amount,
    '' AS currency,
    min(told.first_at) AS first_seen,
    max(told.last_at) AS last_seen,
    first_seen AS clock_start,
    NULL AS due_at,
    NULL AS resolved_at,
    '' AS resolved_by,
    arrayFilter(id -> id != '', groupArraySorted(10)(told.event_id)) AS evidence,
    concat('Correlation id ', reused.correlation_id, ' is on ', toString(any(reused.most)), ' objects of one process, so it joins nothing: its sender stamps one id on different things.') AS explanation
FROM reused
INNER JOIN carriers AS carrier ON carrier.correlation_hash = reused.correlation_hash AND carrier.correlation_id = reused.correlation_id
INNER JOIN (
    SELECT object_hash, toString(source) AS source, first_at, last_at, arrayFirst(act -> act.4 > 0, acts).6.3 AS event_id FROM objects FINAL
    WHERE object_hash IN (SELECT class_hash FROM carriers WHERE correlation_hash IN (SELECT correlation_hash FROM reused)) AND NOT deleted
) AS told ON told.object_hash = carrier.class_hash
GROUP BY reused.correlation_hash, reused.correlation_id
