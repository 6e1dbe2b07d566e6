-- What was refused for a field that the contract has no place for, and what was refused for another reason though records of the
-- same source and type were good before. It is over once a good record of that source and type follows the last refused one that still
-- waits, or none waits any more since a replay has taken them. What waits counts from when it came, as a mapped record tells no
-- instant before it is mapped; only of sources that had a replay is it looked up.
SELECT
    sipHash64(sender) AS subject_hash,
    '' AS root,
    'governance' AS kind,
    told_subkind AS subkind,
    'governance' AS class,
    if(is_open, 'warning', 'info') AS severity,
    concat('source/', sender) AS object,
    '' AS process,
    '' AS stage,
    sender AS source,
    '' AS legal_entity,
    NULL AS amount,
    '' AS currency,
    begun_at AS first_seen,
    ended_at AS last_seen,
    begun_at AS clock_start,
    NULL AS due_at,
    if(is_open, NULL, greatest(taken_at, waited_to)) AS resolved_at,
    multiIf(is_open, '', taken_at > waited_to, 'a replay of what was refused', 'good records after it') AS resolved_by,
    arraySlice(records, 1, 20) AS evidence,
    concat('Records of ', sender, ' were refused: ', arrayStringConcat(arraySlice(said, 1, 10), ', '),
        multiIf(NOT is_any_settled, '; they are held in quarantine.', is_any_waiting, '; those that no replay has taken are held in quarantine.', '; a replay has taken them since.')) AS explanation
FROM (
    SELECT sender, told_subkind, arraySort(groupUniqArrayArray(refused_records)) AS records, min(refused_from) AS begun_at, max(refused_to) AS ended_at,
        countIf(waiting AND (good_to IS NULL OR good_to <= waiting_to)) > 0 AS is_open, countIf(waiting) > 0 AS is_any_waiting, countIf(settled_at > toDateTime64(0, 6, 'UTC')) > 0 AS is_any_settled,
        max(settled_at) AS taken_at, maxIf(waiting_to, waiting) AS waited_to,
        arraySort(groupUniqArray(concat('field ', refused_field, ' of ', refused_type, if(told_subkind = 'unmapped_field', ' has no place', concat(' (', refused_for, ')'))))) AS said
    FROM (
        SELECT refused.sender AS sender, refused.refused_type AS refused_type, refused.refused_for AS refused_for, refused.refused_field AS refused_field,
            refused.refused_from AS refused_from, refused.refused_to AS refused_to, refused.refused_records AS refused_records,
            if(good.good_from > toDateTime64(0, 6, 'UTC'), good.good_to, NULL) AS good_to,
            held.settled_at AS settled_at,
            held.settled_at <= toDateTime64(0, 6, 'UTC') OR held.left > 0 AS waiting,
            if(held.settled_at > toDateTime64(0, 6, 'UTC'), least(refused.refused_to, held.left_to), refused.refused_to) AS waiting_to,
            if(refused.refused_for = 'unknown_key', 'unmapped_field', 'schema_drift') AS told_subkind
        FROM (
            SELECT toString(source) AS sender, toString(object_type) AS refused_type, toString(reason) AS refused_for, toString(field) AS refused_field,
                min(first_at) AS refused_from, max(last_at) AS refused_to,
                [min(first_record).2, max(last_record).2] AS refused_records
            FROM source_refusals
            WHERE source IN (SELECT source FROM work_sources) AND field != '' AND reason NOT IN ('not_allowed', 'future')
            GROUP BY source, object_type, reason, field
        ) AS refused
        LEFT JOIN (
            SELECT toString(source) AS good_source, toString(object_type) AS good_type, min(first_at) AS good_from, max(last_at) AS good_to
            FROM source_facts
            WHERE source IN (SELECT source FROM work_sources)
            GROUP BY source, object_type
        ) AS good ON good.good_source = refused.sender AND good.good_type = refused.refused_type
        LEFT JOIN (
            SELECT toString(kept.source) AS sender, toString(kept.object_type) AS held_type, toString(kept.reason) AS held_for, toString(kept.field) AS held_field,
                countIf(empty(settled.state)) AS left, maxIf(kept.received_at, empty(settled.state)) AS left_to, max(settled.resolved_at) AS settled_at
            FROM quarantine AS kept
            LEFT JOIN (
                SELECT delivery, record, state, resolved_at FROM quarantine_resolutions
                WHERE delivery IN (SELECT delivery FROM quarantine WHERE source IN (SELECT source FROM work_sources))
            ) AS settled ON settled.delivery = kept.delivery AND settled.record = kept.record
            WHERE kept.source IN (
                SELECT source FROM quarantine
                WHERE delivery IN (SELECT delivery FROM quarantine_resolutions) AND source IN (SELECT source FROM work_sources)
            )
            GROUP BY kept.source, kept.object_type, kept.reason, kept.field
        ) AS held ON held.sender = refused.sender AND held.held_type = refused.refused_type AND held.held_for = refused.refused_for AND held.held_field = refused.refused_field
        WHERE refused.refused_for = 'unknown_key' OR (good.good_from > toDateTime64(0, 6, 'UTC') AND good.good_from < refused.refused_to)
    )
    GROUP BY sender, told_subkind
)
