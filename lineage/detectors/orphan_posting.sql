-- An object that an ERP has taken through a stage of a process, but the first one, and that is on no path. Whoever is on one and
-- was touched is on a touched path, since the way up from all touched objects was walked. The grace is a due instant, so that a
-- reference that follows within it leaves no finding.
WITH
    steps AS (
        SELECT toString(object_type) AS object_type, groupUniqArrayArray(actions) AS actions FROM process_stages
        WHERE position > 1
        GROUP BY object_type
    ),
    suspects AS (
        SELECT told.object_hash AS object_hash, concat(told.object_type, '/', told.object_id) AS key, told.source AS source, told.legal_entity AS legal_entity,
            told.amount AS amount, told.currency AS currency, told.last_at AS last_at,
            arraySort(arrayMap(act -> (act.5, act.6.3), arrayFilter(act -> act.2 = 'erp' AND act.4 > 0 AND has(step.actions, act.1), told.acts))) AS postings
        FROM (
            SELECT * FROM objects FINAL WHERE object_hash IN (SELECT object_hash FROM work_subjects) AND NOT deleted
        ) AS told
        INNER JOIN steps AS step ON step.object_type = toString(told.object_type)
        WHERE notEmpty(postings)
    ),
    held AS (
        SELECT root_hash AS object_hash FROM paths FINAL WHERE root_hash IN (SELECT object_hash FROM suspects) AND NOT deleted
        UNION DISTINCT
        SELECT object_hash FROM (
            SELECT arrayJoin(object_hashes) AS object_hash FROM tails FINAL
            WHERE tail_hash IN (
                SELECT tail_hash FROM paths FINAL
                WHERE root_hash IN (SELECT root_hash FROM work_root_queue WHERE tail_hash != 0) AND NOT deleted
            )
        )
        WHERE object_hash IN (SELECT object_hash FROM suspects)
    )
SELECT
    object_hash AS subject_hash,
    '' AS root,
    'missing_source' AS kind,
    'orphan_posting' AS subkind,
    'finance_critical' AS class,
    'critical' AS severity,
    key AS object,
    '' AS process,
    '' AS stage,
    toString(suspects.source) AS source,
    toString(suspects.legal_entity) AS legal_entity,
    suspects.amount AS amount,
    toString(suspects.currency) AS currency,
    addSeconds(postings[1].1, {grace_seconds:UInt32}) AS first_seen,
    greatest(suspects.last_at, first_seen) AS last_seen,
    postings[1].1 AS clock_start,
    first_seen AS due_at,
    NULL AS resolved_at,
    '' AS resolved_by,
    arraySlice(arrayDistinct(postings.2), 1, 20) AS evidence,
    concat(key, ' was posted in ', suspects.source, ' at ', formatDateTime(postings[1].1, '%Y-%m-%d %H:%i'), ' UTC, but nothing says what it was made from.') AS explanation
FROM suspects
WHERE object_hash NOT IN (SELECT object_hash FROM held)
