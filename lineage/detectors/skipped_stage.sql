-- A required stage that was not done though a later one was. It goes when the stage is reached after all.
WITH
    skipped AS (
        SELECT root_hash, root_type, root_id, process, tail_hash, legal_entity, amount, currency, started_at, last_event_at, reached,
            stages, stage_types, stage_name, place,
            -- The first later stage that was reached: what shows that this one was passed over.
            arrayFirst(later -> later > place AND reached[later] IS NOT NULL, arrayEnumerate(stages)) AS next
        FROM (
            SELECT * FROM paths FINAL WHERE root_hash IN (SELECT root_hash FROM work_roots) AND NOT deleted AND NOT cancelled
        )
        ARRAY JOIN states AS state, stages AS stage_name, required AS is_required, arrayEnumerate(stages) AS place
        WHERE state = 'skipped' AND is_required
    ),
    proofs AS (
        SELECT tail.tail_hash AS tail_hash, step.position AS place, arraySlice(arraySort(groupUniqArrayArray(
            arrayMap(act -> act.6.3, arrayFilter(act -> act.4 > 0 AND has(step.actions, act.1) AND (empty(step.roles) OR has(step.roles, act.2)), told.acts)))), 1, 20) AS event_ids
        FROM (
            SELECT tail_hash, process, object_hash FROM work_ends ARRAY JOIN object_hashes AS object_hash
            WHERE tail_hash IN (SELECT tail_hash FROM skipped)
        ) AS tail
        INNER JOIN (
            SELECT object_hash, toString(object_type) AS object_type, acts FROM objects FINAL
            WHERE object_hash IN (SELECT arrayJoin(object_hashes) FROM work_ends WHERE tail_hash IN (SELECT tail_hash FROM skipped)) AND NOT deleted
        ) AS told ON told.object_hash = tail.object_hash
        INNER JOIN (SELECT process, position, toString(object_type) AS object_type, actions, roles FROM process_stages) AS step
            ON step.process = tail.process AND step.object_type = told.object_type
        GROUP BY tail.tail_hash, step.position
    )
SELECT
    passed.root_hash AS subject_hash,
    concat(passed.root_type, '/', passed.root_id) AS root,
    'conformance' AS kind,
    'skipped_stage' AS subkind,
    'finance_critical' AS class,
    'warning' AS severity,
    root AS object,
    toString(passed.process) AS process,
    toString(passed.stage_name) AS stage,
    '' AS source,
    passed.legal_entity AS legal_entity,
    passed.amount AS amount,
    passed.currency AS currency,
    coalesce(passed.reached[passed.next], passed.last_event_at) AS first_seen,
    passed.last_event_at AS last_seen,
    passed.started_at AS clock_start,
    NULL AS due_at,
    NULL AS resolved_at,
    '' AS resolved_by,
    proof.event_ids AS evidence,
    concat(root, ' went on', if(passed.next = 0, '', concat(' to stage ', passed.stages[passed.next])), ' without stage ', passed.stage_name, '.') AS explanation
FROM skipped AS passed
LEFT JOIN proofs AS proof ON proof.tail_hash = passed.tail_hash AND proof.place = passed.next
