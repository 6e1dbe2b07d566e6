-- A stage that waits is a finding from the instant it is due (told at read time, so that no clock is needed here); one that
-- was completed late stays as a finding that has resolved itself, and one that was due before its revenue event was taken back, too.
WITH
    limited AS MATERIALIZED (
        SELECT root_hash, root_type, root_id, process, tail_hash, cancelled, cutoff_at, legal_entity, amount, currency, started_at, last_event_at,
            state, stage_name, due_at, completed_at, place, reached,
            if(state = 'late' OR stuck_object = '', root_hash, sipHash64(substring(stuck_object, 1, position(stuck_object, '/') - 1),
                substring(stuck_object, position(stuck_object, '/') + 1))) AS object_hash,
            if(state = 'late' OR stuck_object = '', concat(root_type, '/', root_id), stuck_object) AS object
        FROM work_told
        ARRAY JOIN states AS state, stages AS stage_name, dues AS due_at, completed AS completed_at, stuck AS stuck_object, required AS is_required,
            arrayEnumerate(stages) AS place
        WHERE is_required AND due_at IS NOT NULL AND state IN ('pending', 'late')
            -- One that another object reverses has completed nothing any more: what was reached did not wait.
            AND (state = 'late' OR NOT reversed OR reached[place] IS NULL)
    ),
    asked AS (SELECT tail_hash FROM limited WHERE state = 'late'),
    asked_objects AS (
        SELECT object_hash FROM limited
        UNION DISTINCT
        SELECT root_hash FROM limited WHERE cancelled
    ),
{{stage_proofs}},
{{own_proofs}},
    wanted AS (SELECT root_hash AS object_hash FROM limited WHERE cancelled),
{{reversals}}
SELECT
    path.root_hash AS subject_hash,
    concat(path.root_type, '/', path.root_id) AS root,
    'sla_breach' AS kind,
    if(path.state = 'late', 'late', 'overdue') AS subkind,
    'finance_critical' AS class,
    multiIf(path.state = 'late' OR path.cancelled, 'info', path.cutoff_at IS NOT NULL AND path.due_at >= path.cutoff_at - INTERVAL 1 DAY, 'critical', 'warning') AS severity,
    path.object AS object,
    toString(path.process) AS process,
    toString(path.stage_name) AS stage,
    '' AS source,
    path.legal_entity AS legal_entity,
    path.amount AS amount,
    path.currency AS currency,
    assumeNotNull(path.due_at) AS first_seen,
    if(path.state = 'late', assumeNotNull(path.completed_at), path.last_event_at) AS last_seen,
    path.started_at AS clock_start,
    path.due_at AS due_at,
    greatest(ended.own_end, taken.taken) AS gone,
    multiIf(path.state = 'late', path.completed_at, path.cancelled, gone.1, NULL) AS resolved_at,
    arrayFilter(event -> path.state = 'late' AND event.1 = path.completed_at, arrayConcat(proof.events, waits.own_events))[1].2 AS completing,
    multiIf(completing != '', concat('event ', completing), path.state = 'late', concat(path.stage_name, ' completed'),
        path.cancelled, concat('event ', gone.2), '') AS resolved_by,
    if(path.state = 'late', [completing], arrayDistinct(arrayConcat(if(path.cancelled, [gone.2], []), arraySlice(waits.own_events.2, 1, 19)))) AS evidence,
    multiIf(path.state = 'late',
        concat('Stage ', path.stage_name, ' was completed ', formatReadableTimeDelta(greatest(dateDiff('second', assumeNotNull(path.due_at), assumeNotNull(path.completed_at)), 1), 'days', 'seconds'), ' after it was due.'),
        concat(path.object, if(path.cancelled, ' waited', ' waits'), ' for stage ', path.stage_name, ', which was due at ', formatDateTime(assumeNotNull(path.due_at), '%Y-%m-%d %H:%i'), ' UTC',
            if(path.cancelled, concat('; ', root, ' was taken back since.'), '.'))) AS explanation
FROM limited AS path
LEFT JOIN proofs AS proof ON proof.tail_hash = path.tail_hash AND proof.place = path.place
LEFT JOIN own_proofs AS waits ON waits.object_hash = path.object_hash
LEFT JOIN own_proofs AS ended ON ended.object_hash = path.root_hash
LEFT JOIN reversals AS taken ON taken.reversed_hash = path.root_hash
-- What was taken back before it was due was never overdue.
WHERE NOT path.cancelled OR gone.1 > path.due_at
