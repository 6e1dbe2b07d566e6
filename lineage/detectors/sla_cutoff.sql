-- The stage of the cutoff, from the instant the books close (told at read time) until it is completed; one that was completed
-- after it stays as a finding that has resolved itself.
SELECT
    path.root_hash AS subject_hash,
    concat(path.root_type, '/', path.root_id) AS root,
    'sla_breach' AS kind,
    'cutoff' AS subkind,
    'finance_critical' AS class,
    if(completed_at IS NULL, 'critical', 'info') AS severity,
    if(completed_at IS NOT NULL OR stuck_object = '', root, stuck_object) AS object,
    toString(path.process) AS process,
    toString(stage_name) AS stage,
    '' AS source,
    path.legal_entity AS legal_entity,
    path.amount AS amount,
    path.currency AS currency,
    assumeNotNull(cutoff_at) AS first_seen,
    if(completed_at IS NULL, path.last_event_at, assumeNotNull(completed_at)) AS last_seen,
    path.started_at AS clock_start,
    cutoff_at AS due_at,
    completed_at AS resolved_at,
    if(completed_at IS NULL, '', concat(stage_name, ' completed')) AS resolved_by,
    [] AS evidence,
    if(completed_at IS NULL,
        concat(object, ' has not reached stage ', stage_name, ', and the books of ', path.period, ' closed at ', formatDateTime(assumeNotNull(cutoff_at), '%Y-%m-%d %H:%i'), ' UTC.'),
        concat(root, ' reached stage ', stage_name, ' only ', formatReadableTimeDelta(greatest(dateDiff('second', assumeNotNull(cutoff_at), assumeNotNull(completed_at)), 1), 'days', 'seconds'), ' after the books of ', path.period, ' closed.')) AS explanation
FROM (
    SELECT * FROM paths FINAL
    WHERE root_hash IN (SELECT root_hash FROM work_roots) AND NOT deleted AND NOT cancelled AND cutoff_at IS NOT NULL
) AS path
ARRAY JOIN stages AS stage_name, completed AS completed_at, stuck AS stuck_object
WHERE (completed_at IS NULL OR completed_at > cutoff_at)
    AND (process, stage_name) IN (SELECT process, stage FROM process_stages WHERE is_cutoff)
