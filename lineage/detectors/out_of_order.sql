-- The first ok instants of an object's stages, each held against all earlier stages of its own and of the objects it was made
-- from directly. It is the instant of the event that counts, never that of its arrival.
WITH
    links AS MATERIALIZED (
        SELECT object_hash AS down_hash, up.1 AS process, up.2 AS up_hash
        FROM (SELECT object_hash, ups FROM objects FINAL WHERE object_hash IN (SELECT object_hash FROM work_doubts) AND NOT deleted)
        ARRAY JOIN ups AS up
        WHERE up.4 = 'from'
    ),
    wanted AS MATERIALIZED (
        SELECT object_hash FROM work_doubts
        UNION DISTINCT
        SELECT up_hash FROM links
    ),
{{objects_of_wanted}},
{{standing_objects}},
{{departed_objects}},
    -- What was taken back is still told, as over; it is nothing that others could come before.
    told_objects AS MATERIALIZED (
        SELECT object_hash, object_type, key, acts, amount, currency, legal_entity, source, first_at, (toDateTime64(0, 6, 'UTC'), '') AS gone FROM standing
        UNION ALL
        SELECT object_hash, object_type, key, acts, amount, currency, legal_entity, source, first_at, gone FROM departed
        WHERE object_hash IN (SELECT object_hash FROM work_doubts)
    ),
    firsts AS MATERIALIZED (
        SELECT told.object_hash AS object_hash, told.key AS key, told.gone.2 != '' AS is_gone, toString(step.process) AS process, step.position AS position, toString(step.stage) AS stage,
            arraySort(arrayMap(act -> (act.5, act.6.3), arrayFilter(act -> act.4 > 0 AND has(step.actions, act.1)
                AND (empty(step.roles) OR has(step.roles, act.2)), told.acts))) AS times
        FROM told_objects AS told
        INNER JOIN process_stages AS step ON step.object_type = told.object_type
        WHERE notEmpty(times)
    ),
    pairs AS (
        SELECT later.object_hash AS object_hash, later.process AS process, later.position AS position, later.stage AS stage, later.times[1] AS came,
            earlier.key AS other, earlier.stage AS other_stage, earlier.times[1] AS other_came
        FROM firsts AS later
        INNER JOIN (SELECT down_hash, up_hash, toString(process) AS process FROM links UNION ALL SELECT object_hash, object_hash, '' FROM work_doubts) AS link
            ON link.down_hash = later.object_hash
        INNER JOIN firsts AS earlier ON earlier.object_hash = link.up_hash AND earlier.process = later.process
        WHERE (link.process = '' OR link.process = later.process) AND earlier.position < later.position AND came.1 < other_came.1
            AND (NOT earlier.is_gone OR earlier.object_hash = later.object_hash)
            AND later.object_hash IN (SELECT object_hash FROM work_doubts)
    )
SELECT
    told.object_hash AS subject_hash,
    '' AS root,
    'conformance' AS kind,
    'out_of_order' AS subkind,
    'finance_critical' AS class,
    if(told.gone.2 = '', 'warning', 'info') AS severity,
    told.key AS object,
    '' AS process,
    wrong.stage AS stage,
    told.source AS source,
    told.legal_entity AS legal_entity,
    told.amount AS amount,
    told.currency AS currency,
    wrong.came.1 AS first_seen,
    wrong.other_came.1 AS last_seen,
    told.first_at AS clock_start,
    NULL AS due_at,
    if(told.gone.2 = '', NULL, told.gone.1) AS resolved_at,
    if(told.gone.2 = '', '', concat('event ', told.gone.2)) AS resolved_by,
    arrayDistinct([wrong.came.2, wrong.other_came.2, told.gone.2]) AS evidence,
    concat(told.key, ' reached stage ', wrong.stage, ' at ', formatDateTime(wrong.came.1, '%Y-%m-%d %H:%i:%S'), ' UTC, before stage ', wrong.other_stage,
        if(wrong.other = told.key, '', concat(' of ', wrong.other)), ' at ', formatDateTime(wrong.other_came.1, '%Y-%m-%d %H:%i:%S'), ' UTC.') AS explanation
FROM (
    -- One finding an object: its first stage that came too early, with the latest of what should have come before.
    SELECT * FROM pairs ORDER BY object_hash, position, stage, process, other_came DESC, other, other_stage LIMIT 1 BY object_hash
) AS wrong
INNER JOIN told_objects AS told ON told.object_hash = wrong.object_hash
-- What was taken back before the other stage came never was out of order.
WHERE told.gone.2 = '' OR told.gone.1 > wrong.other_came.1
