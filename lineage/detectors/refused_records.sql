-- What was refused for a field that the contract has no place for, and what was refused for another reason though records of the
-- same source and type were good before. It is over once a good record of that source and type follows the last refused one.
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
    if(is_open, NULL, ended_at) AS resolved_at,
    if(is_open, '', 'good records after it') AS resolved_by,
    arraySlice(records, 1, 20) AS evidence,
    concat('Records of ', sender, ' were refused: ', arrayStringConcat(arraySlice(said, 1, 10), ', '), '; they are held in quarantine.') AS explanation
FROM (
    SELECT sender, told_subkind, arraySort(groupUniqArrayArray(refused_records)) AS records, min(refused_from) AS begun_at, max(refused_to) AS ended_at, countIf(good_to IS NULL OR good_to <= refused_to) > 0 AS is_open,
        arraySort(groupUniqArray(concat('field ', refused_field, ' of ', refused_type, if(told_subkind = 'unmapped_field', ' has no place', concat(' (', refused_for, ')'))))) AS said
    FROM (
        SELECT refused.sender AS sender, refused.refused_type AS refused_type, refused.refused_for AS refused_for, refused.refused_field AS refused_field,
            refused.refused_from AS refused_from, refused.refused_to AS refused_to, refused.refused_records AS refused_records,
            if(good.good_from > toDateTime64(0, 6, 'UTC'), good.good_to, NULL) AS good_to,
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
        WHERE refused.refused_for = 'unknown_key' OR (good.good_from > toDateTime64(0, 6, 'UTC') AND good.good_from < refused.refused_to)
    )
    GROUP BY sender, told_subkind
)
