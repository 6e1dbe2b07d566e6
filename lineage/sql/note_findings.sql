-- What is found before a rebuild, a row each, hidden behind a due instant far ahead until the rebuild knows what became of it.
INSERT INTO finding_rows (
    detector, subject_hash, finding_id, root, version, deleted, kind, subkind, class, severity, object, process, stage, source,
    legal_entity, amount, currency, first_seen, last_seen, clock_start, due_at, resolved_at, resolved_by, evidence, explanation,
    rule, rule_version, runbook, score, code, fingerprint, mapping, mapping_version, explained_by
)
SELECT
    'retired', sipHash64(finding_id), finding_id, '', {turn:UInt64}, 0, kind, subkind, class, 'info', object, process, stage, source,
    legal_entity, amount, currency, first_seen, last_seen, clock_start, toDateTime64('2299-01-01 00:00:00', 6, 'UTC'), resolved_at, resolved_by,
    evidence, explanation, rule, rule_version, runbook, score, code, fingerprint, mapping, mapping_version, explained_by
FROM finding_facts_at(now = {now:DateTime64(6, 'UTC')})
