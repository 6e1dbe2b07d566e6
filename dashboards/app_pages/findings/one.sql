-- One finding, whatever the filters.
SELECT
    finding_id, kind, subkind, class, severity, object, process, stage, source, legal_entity, roots, root_sample,
    amount, currency, first_seen, last_seen, clock_start, due_at, status, resolved_by, evidence, explanation, rule,
    rule_version, runbook, score, fingerprint, cause, explained_by, decided_by, decided_at, decided_until, note, assignee
FROM findings_at(now = {now:DateTime64(6, 'UTC')})
WHERE finding_id = {finding:String}
LIMIT 1
