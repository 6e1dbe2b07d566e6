INSERT INTO finding_rows (
    detector, subject_hash, finding_id, root, version, deleted, kind, subkind, class, severity, object, process, stage, source,
    legal_entity, amount, currency, first_seen, last_seen, clock_start, due_at, resolved_at, resolved_by, evidence, explanation,
    rule, rule_version, runbook, score, code, fingerprint, mapping, mapping_version, explained_by
)
SELECT
    {detector:String}, subject_hash, lower(hex(sipHash128(kind, subkind, object, stage, process))), root, {turn:UInt64}, 0, kind, subkind,
    class, severity, object, process, stage, source, legal_entity, amount, currency, first_seen, last_seen, clock_start, due_at,
    resolved_at, resolved_by, arrayFilter(id -> id != '', evidence), explanation, {detector:String}, {rule_version:String},
    if(subkind = '', toString(kind), concat(kind, '-', subkind)), {{also}}
FROM (
{{found}}
)
