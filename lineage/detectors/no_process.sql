-- An object of a type of revenue events in the first stage of one, whose engagement has no process and whose type none for all. It is over
-- with the event that takes it back, and is there again with the next that begins it.
SELECT
    told.object_hash AS subject_hash,
    '' AS root,
    'governance' AS kind,
    'no_process' AS subkind,
    'governance' AS class,
    if(is_over, 'info', 'warning') AS severity,
    concat(told.object_type, '/', told.object_id) AS object,
    '' AS process,
    '' AS stage,
    toString(told.source) AS source,
    toString(told.legal_entity) AS legal_entity,
    told.amount AS amount,
    toString(told.currency) AS currency,
    told.first_at AS first_seen,
    told.last_at AS last_seen,
    told.first_at AS clock_start,
    NULL AS due_at,
    if(is_over, taken.1, NULL) AS resolved_at,
    if(is_over, concat('event ', taken.3), '') AS resolved_by,
    arraySlice(arrayDistinct(arrayFilter(id -> id != '', arrayMap(act -> act.6.3, told.acts))), 1, 20) AS evidence,
    concat(object, if(told.engagement = '', ' names no engagement', concat(' is of engagement ', told.engagement)), ', for which there is no process, so that nobody follows it to its invoice', if(is_over, '; it was taken back since.', '.')) AS explanation
FROM (
    SELECT own.*,
        arrayMax(arrayMap(act -> if(act.1 IN ('rejected', 'reversed', 'cancelled') AND act.4 > 0, act.6, (toDateTime64(0, 6, 'UTC'), '', '', '')), own.acts)) AS taken,
        arrayMax(arrayMap(act -> if(has(config.starting, act.1) AND act.1 NOT IN ('rejected', 'reversed', 'cancelled') AND act.4 > 0,
            act.6, (toDateTime64(0, 6, 'UTC'), '', '', '')), own.acts)) AS began,
        taken > began AS is_over
    FROM (
        SELECT * FROM work_near WHERE object_hash IN (SELECT object_hash FROM work_subjects)
    ) AS own
    INNER JOIN (
        SELECT toString(root_type) AS of_type, groupUniqArray(toString(engagement)) AS engagements, groupUniqArrayArrayIf(actions, position = 1) AS starting
        FROM process_stages
        GROUP BY root_type
    ) AS config ON config.of_type = toString(own.object_type)
    WHERE NOT has(config.engagements, '') AND NOT has(config.engagements, toString(own.engagement))
        AND arrayExists(act -> has(config.starting, act.1), own.acts)
) AS told
