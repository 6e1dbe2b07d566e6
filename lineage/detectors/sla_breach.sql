-- A stage that waits is a finding from the instant it is due (told at read time, so that no clock is needed here); one that
-- was completed late stays as a finding that has resolved itself.
SELECT
    path.root_hash AS subject_hash,
    concat(path.root_type, '/', path.root_id) AS root,
    'sla_breach' AS kind,
    if(state = 'late', 'late', 'overdue') AS subkind,
    'finance_critical' AS class,
    multiIf(state = 'late', 'info', cutoff_at IS NOT NULL AND due_at >= cutoff_at - INTERVAL 1 DAY, 'critical', 'warning') AS severity,
    if(state = 'late' OR stuck_object = '', root, stuck_object) AS object,
    toString(path.process) AS process,
    toString(stage_name) AS stage,
    '' AS source,
    path.legal_entity AS legal_entity,
    path.amount AS amount,
    path.currency AS currency,
    assumeNotNull(due_at) AS first_seen,
    if(state = 'late', assumeNotNull(completed_at), path.last_event_at) AS last_seen,
    path.started_at AS clock_start,
    due_at AS due_at,
    if(state = 'late', completed_at, NULL) AS resolved_at,
    if(state = 'late', concat(stage_name, ' completed'), '') AS resolved_by,
    [] AS evidence,
    if(state = 'late',
        concat('Stage ', stage_name, ' was completed ', formatReadableTimeDelta(greatest(dateDiff('second', assumeNotNull(due_at), assumeNotNull(completed_at)), 1), 'days', 'seconds'), ' after it was due.'),
        concat(object, ' waits for stage ', stage_name, ', which was due at ', formatDateTime(assumeNotNull(due_at), '%Y-%m-%d %H:%i'), ' UTC.')) AS explanation
FROM (SELECT * FROM paths FINAL WHERE root_hash IN (SELECT root_hash FROM work_roots)) AS path
ARRAY JOIN states AS state, stages AS stage_name, dues AS due_at, completed AS completed_at, stuck AS stuck_object, required AS is_required
WHERE NOT deleted AND NOT cancelled AND is_required AND due_at IS NOT NULL AND state IN ('pending', 'late')
