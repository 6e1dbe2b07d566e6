-- The stage of the cutoff, from the instant the books close (told at read time) until it is completed; one that was completed
-- after it stays as a finding that has resolved itself, and one whose revenue event was taken back after it, too.
WITH
    limited AS MATERIALIZED (
        SELECT root_hash, root_type, root_id, process, tail_hash, cancelled, cutoff_at, legal_entity, amount, currency, period, started_at, last_event_at,
            stage_name, completed_at, place,
            if(completed_at IS NOT NULL OR stuck_object = '', root_hash, sipHash64(substring(stuck_object, 1, position(stuck_object, '/') - 1),
                substring(stuck_object, position(stuck_object, '/') + 1))) AS object_hash,
            if(completed_at IS NOT NULL OR stuck_object = '', concat(root_type, '/', root_id), stuck_object) AS object
        FROM work_told
        ARRAY JOIN stages AS stage_name, completed AS completed_at, stuck AS stuck_object, arrayEnumerate(stages) AS place
        WHERE cutoff_at IS NOT NULL AND (completed_at IS NULL OR completed_at > cutoff_at)
            AND NOT (reversed AND completed_at IS NULL AND reached[place] IS NOT NULL AND reached[place] <= cutoff_at)
            AND (process, stage_name) IN (SELECT process, stage FROM process_stages WHERE is_cutoff)
    ),
    asked AS (SELECT tail_hash FROM limited WHERE completed_at IS NOT NULL),
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
    'cutoff' AS subkind,
    'finance_critical' AS class,
    if(path.completed_at IS NULL AND NOT path.cancelled, 'critical', 'info') AS severity,
    path.object AS object,
    toString(path.process) AS process,
    toString(path.stage_name) AS stage,
    '' AS source,
    path.legal_entity AS legal_entity,
    path.amount AS amount,
    path.currency AS currency,
    assumeNotNull(path.cutoff_at) AS first_seen,
    if(path.completed_at IS NULL, path.last_event_at, assumeNotNull(path.completed_at)) AS last_seen,
    path.started_at AS clock_start,
    path.cutoff_at AS due_at,
    greatest(ended.own_end, taken.taken) AS gone,
    multiIf(path.completed_at IS NOT NULL, path.completed_at, path.cancelled, gone.1, NULL) AS resolved_at,
    arrayFilter(event -> event.1 = path.completed_at, arrayConcat(proof.events, waits.own_events))[1].2 AS completing,
    multiIf(path.completed_at IS NULL, if(path.cancelled, concat('event ', gone.2), ''), completing != '', concat('event ', completing), concat(path.stage_name, ' completed')) AS resolved_by,
    if(path.completed_at IS NULL, arrayDistinct(arrayConcat(if(path.cancelled, [gone.2], []), arraySlice(waits.own_events.2, 1, 19))), [completing]) AS evidence,
    if(path.completed_at IS NULL,
        concat(path.object, if(path.cancelled, ' had', ' has'), ' not reached stage ', path.stage_name, ', and the books of ', path.period, ' closed at ', formatDateTime(assumeNotNull(path.cutoff_at), '%Y-%m-%d %H:%i'), ' UTC',
            if(path.cancelled, concat('; ', root, ' was taken back since.'), '.')),
        concat(root, ' reached stage ', path.stage_name, ' only ', formatReadableTimeDelta(greatest(dateDiff('second', assumeNotNull(path.cutoff_at), assumeNotNull(path.completed_at)), 1), 'days', 'seconds'), ' after the books of ', path.period, ' closed.')) AS explanation
FROM limited AS path
LEFT JOIN proofs AS proof ON proof.tail_hash = path.tail_hash AND proof.place = path.place
LEFT JOIN own_proofs AS waits ON waits.object_hash = path.object_hash
LEFT JOIN own_proofs AS ended ON ended.object_hash = path.root_hash
LEFT JOIN reversals AS taken ON taken.reversed_hash = path.root_hash
-- What was taken back before the books closed missed nothing.
WHERE NOT path.cancelled OR gone.1 > path.cutoff_at
