-- One row a posting that recognized and revenue event behind it without approval at that instant, with the money of the latter.
WITH
    delivered AS MATERIALIZED (
        SELECT root_hash, root_type, root_id, process, tail_hash, legal_entity, amount, currency, started_at, reached[1] AS approved_at
        FROM work_told
        WHERE root_type IN ('time_entry', 'expense_item', 'milestone', 'progress_update', 'retainer_period', 'service_period')
    ),
    members AS MATERIALIZED (
        SELECT tail_hash, object_hash, is_reversed FROM work_ends ARRAY JOIN object_hashes AS object_hash, reverseds AS is_reversed
        WHERE tail_hash IN (SELECT tail_hash FROM delivered)
    ),
    names AS MATERIALIZED (
        SELECT object_hash, concat(object_type, '/', object_id) AS object, sipHash64(object_type, arrayJoin(names)) AS name_hash
        FROM objects FINAL
        WHERE object_hash IN (SELECT DISTINCT object_hash FROM members) AND NOT deleted
    ),
    wanted AS (SELECT DISTINCT object_hash FROM members WHERE is_reversed),
{{reversals}},
    gone AS (
        SELECT own.object_hash AS object_hash, greatest(own.own_end, taken.taken) AS gone
        FROM (
            SELECT object_hash, arrayMax(arrayMap(act -> if(act.1 = 'reversed' AND act.4 > 0, (act.6.1, act.6.3), (toDateTime64(0, 6, 'UTC'), '')), acts)) AS own_end
            FROM objects FINAL WHERE object_hash IN (SELECT object_hash FROM wanted) AND NOT deleted
        ) AS own
        LEFT JOIN reversals AS taken ON taken.reversed_hash = own.object_hash
    ),
    postings AS (
        SELECT name.object_hash AS object_hash, any(name.object) AS object,
            arraySort(groupUniqArray((told.occurred_at, told.event_id, toString(told.source)))) AS recognitions
        FROM (
            SELECT object_hash AS name_hash, occurred_at, event_id, source FROM events
            WHERE object_hash IN (SELECT name_hash FROM names) AND measure = 'recognized' AND outcome = 'ok'
        ) AS told
        INNER JOIN names AS name ON name.name_hash = told.name_hash
        GROUP BY name.object_hash
    )
SELECT
    root.root_hash AS subject_hash,
    concat(root.root_type, '/', root.root_id) AS root,
    'conformance' AS kind,
    'no_evidence' AS subkind,
    'finance_critical' AS class,
    if(gone.gone.2 = '', 'critical', 'info') AS severity,
    posting.object AS object,
    '' AS process,
    '' AS stage,
    arrayFilter(each -> root.approved_at IS NULL OR each.1 < root.approved_at, posting.recognitions) AS early,
    early[1].3 AS source,
    root.legal_entity AS legal_entity,
    root.amount AS amount,
    root.currency AS currency,
    early[1].1 AS first_seen,
    early[-1].1 AS last_seen,
    root.started_at AS clock_start,
    NULL AS due_at,
    if(gone.gone.2 = '', NULL, gone.gone.1) AS resolved_at,
    if(gone.gone.2 = '', '', concat('event ', gone.gone.2)) AS resolved_by,
    arraySlice(arrayDistinct(arrayPushFront(early.2, gone.gone.2)), 1, 20) AS evidence,
    concat(posting.object, ' recognized revenue at ', formatDateTime(early[1].1, '%Y-%m-%d %H:%i'), ' UTC, ',
        if(root.approved_at IS NULL, 'but the work behind it is not approved', 'before the work behind it was approved'), ', such as ', root, '.') AS explanation
FROM delivered AS root
INNER JOIN members AS member ON member.tail_hash = root.tail_hash
INNER JOIN postings AS posting ON posting.object_hash = member.object_hash
LEFT JOIN gone ON gone.object_hash = member.object_hash
WHERE notEmpty(early)
