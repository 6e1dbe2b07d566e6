-- An object that an ERP has taken through a stage of a process, but the first one, and that is on no path. Whoever is on one and
-- was touched is on a touched path, since the way up from all touched objects was walked. The grace is a due instant, so that a
-- reference that follows within it leaves no finding; one that was told later resolves it, as does what took the posting back.
WITH
    steps AS (
        SELECT toString(object_type) AS object_type, groupUniqArrayArray(actions) AS actions FROM process_stages
        WHERE position > 1
        GROUP BY object_type
    ),
    suspects AS MATERIALIZED (
        SELECT told.object_hash AS object_hash, concat(told.object_type, '/', told.object_id) AS key, told.source AS source, told.legal_entity AS legal_entity,
            told.amount AS amount, told.currency AS currency, told.last_at AS last_at,
            arrayMap(name -> sipHash64(told.object_type, name), told.names) AS name_hashes,
            arrayMap(up -> up.8, arrayFilter(up -> up.1 = '' AND up.4 = 'from', told.ups)) AS link_ids,
            arraySort(arrayMap(act -> (act.5, act.6.3), arrayFilter(act -> act.2 = 'erp' AND act.4 > 0 AND has(step.actions, act.1), told.acts))) AS postings
        FROM (
            SELECT * FROM work_near WHERE object_hash IN (SELECT object_hash FROM work_subjects)
        ) AS told
        INNER JOIN steps AS step ON step.object_type = toString(told.object_type)
        WHERE notEmpty(postings)
    ),
    held AS MATERIALIZED (
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
    ),
    -- The first word on what it was made from, of those that are on a path and said something after the grace.
    later AS MATERIALIZED (
        SELECT object_hash, name_hashes, link_ids FROM suspects
        WHERE object_hash IN (SELECT object_hash FROM held) AND notEmpty(link_ids) AND last_at > addSeconds(postings[1].1, {grace_seconds:UInt32})
    ),
    linked AS (
        SELECT made.object_hash AS object_hash, min((event.occurred_at, event.event_id)) AS first_link
        FROM (SELECT object_hash, link_ids, arrayJoin(name_hashes) AS name_hash FROM later) AS made
        INNER JOIN (
            SELECT object_hash AS name_hash, occurred_at, event_id FROM events
            WHERE object_hash IN (SELECT arrayJoin(name_hashes) FROM later) AND has(link_relations, 'from')
        ) AS event ON event.name_hash = made.name_hash
        WHERE has(made.link_ids, event.event_id)
        GROUP BY made.object_hash
    ),
    wanted AS (SELECT object_hash FROM suspects WHERE object_hash NOT IN (SELECT object_hash FROM held)),
{{objects_of_wanted}},
{{standing_objects}},
{{departed_objects}},
    -- Which event ended it, and whether that one took the posting back.
    ends AS (
        SELECT object_hash, first_link AS ended, 0 AS is_gone FROM linked
        UNION ALL
        SELECT object_hash, gone, 1 FROM departed WHERE gone.2 != ''
    )
SELECT
    suspects.object_hash AS subject_hash,
    '' AS root,
    'missing_source' AS kind,
    'orphan_posting' AS subkind,
    'finance_critical' AS class,
    if(ends.ended.2 = '', 'critical', 'info') AS severity,
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
    if(ends.ended.2 = '', NULL, ends.ended.1) AS resolved_at,
    if(ends.ended.2 = '', '', concat('event ', ends.ended.2)) AS resolved_by,
    arraySlice(arrayDistinct(arrayPushBack(postings.2, ends.ended.2)), 1, 20) AS evidence,
    concat(key, ' was posted in ', suspects.source, ' at ', formatDateTime(postings[1].1, '%Y-%m-%d %H:%i'), ' UTC, but ', multiIf(ends.ended.2 = '',
        'nothing says what it was made from.', ends.is_gone, 'nothing said what it was made from, and it was taken back since.',
        'it was only said later what it was made from.')) AS explanation
FROM suspects
LEFT JOIN ends ON ends.object_hash = suspects.object_hash
WHERE ends.ended.1 > first_seen OR (ends.ended.2 = '' AND suspects.object_hash NOT IN (SELECT object_hash FROM held))
