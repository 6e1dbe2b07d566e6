-- A required stage that was not done though a later one was. It is over when the stage is reached after all, or its
-- revenue event is taken back. One that another object reverses has no stages of its own any more.
WITH
    skipped AS MATERIALIZED (
        SELECT root_hash, root_type, root_id, process, tail_hash, cancelled, legal_entity, amount, currency, started_at, last_event_at, reached,
            stages, stage_name, place,
            if(state = 'skipped', NULL, reached[place]) AS made_up_at,
            -- The first later stage that was reached: what shows that this one was passed over.
            arrayFirst(later -> later > place AND reached[later] IS NOT NULL AND (made_up_at IS NULL OR reached[later] < made_up_at), arrayEnumerate(stages)) AS next
        FROM work_told
        ARRAY JOIN states AS state, stages AS stage_name, required AS is_required, stage_types AS stage_type, arrayEnumerate(stages) AS place
        WHERE is_required AND NOT (reversed AND stage_type = root_type) AND (state = 'skipped' OR (reached[place] IS NOT NULL
            AND arrayExists((at, needed, later) -> needed AND later > place AND at < reached[place], completed, required, arrayEnumerate(stages))))
    ),
    asked AS (SELECT tail_hash FROM skipped),
    asked_objects AS (SELECT root_hash AS object_hash FROM skipped WHERE made_up_at IS NOT NULL OR cancelled),
{{stage_proofs}},
{{own_proofs}},
    wanted AS (SELECT root_hash AS object_hash FROM skipped WHERE cancelled),
{{reversals}}
SELECT
    passed.root_hash AS subject_hash,
    concat(passed.root_type, '/', passed.root_id) AS root,
    'conformance' AS kind,
    'skipped_stage' AS subkind,
    'finance_critical' AS class,
    if(passed.made_up_at IS NULL AND NOT passed.cancelled, 'warning', 'info') AS severity,
    root AS object,
    toString(passed.process) AS process,
    toString(passed.stage_name) AS stage,
    '' AS source,
    passed.legal_entity AS legal_entity,
    passed.amount AS amount,
    passed.currency AS currency,
    coalesce(passed.reached[passed.next], passed.last_event_at) AS first_seen,
    ifNull(passed.made_up_at, passed.last_event_at) AS last_seen,
    passed.started_at AS clock_start,
    NULL AS due_at,
    greatest(own.own_end, taken.taken) AS gone,
    multiIf(passed.made_up_at IS NOT NULL, passed.made_up_at, passed.cancelled, gone.1, NULL) AS resolved_at,
    arrayFilter(event -> event.1 = passed.made_up_at, arrayConcat(made_up.events, own.own_events))[1].2 AS making_up,
    multiIf(passed.made_up_at IS NULL, if(passed.cancelled, concat('event ', gone.2), ''), making_up != '', concat('event ', making_up), concat(passed.stage_name, ' reached')) AS resolved_by,
    arraySlice(arrayDistinct(arrayConcat(if(making_up = '', [], [making_up]), if(passed.cancelled AND passed.made_up_at IS NULL, [gone.2], []), proof.events.2)), 1, 20) AS evidence,
    concat(root, ' went on', if(passed.next = 0, '', concat(' to stage ', passed.stages[passed.next])), ' without stage ', passed.stage_name,
        multiIf(passed.made_up_at IS NOT NULL, ', which it reached later.', passed.cancelled, '; it was taken back since.', '.')) AS explanation
FROM skipped AS passed
LEFT JOIN proofs AS proof ON proof.tail_hash = passed.tail_hash AND proof.place = passed.next
LEFT JOIN proofs AS made_up ON made_up.tail_hash = passed.tail_hash AND made_up.place = passed.place
LEFT JOIN own_proofs AS own ON own.object_hash = passed.root_hash
LEFT JOIN reversals AS taken ON taken.reversed_hash = passed.root_hash
-- What was taken back before it went on went on as nothing that stands.
WHERE NOT passed.cancelled OR gone.1 > first_seen
