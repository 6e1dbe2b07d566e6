-- What a rebuild has not found again although the events are the same was resolved by the rule that has changed: it stays, as
-- resolved by it. Of what events that waited may have ended nothing is said. What was found again speaks for itself.
INSERT INTO finding_rows (
    detector, subject_hash, finding_id, root, version, deleted, kind, subkind, class, severity, object, process, stage, source,
    legal_entity, amount, currency, first_seen, last_seen, clock_start, due_at, resolved_at, resolved_by, evidence, explanation,
    rule, rule_version, runbook, score, code, fingerprint, mapping, mapping_version, explained_by
)
SELECT
    detector, subject_hash, finding_id, root, {turn:UInt64},
    toUInt8(finding_id IN (SELECT finding_id FROM finding_rows FINAL WHERE detector != 'retired' AND version = {turn:UInt64} AND NOT deleted)
        OR NOT (by_rule OR NOT {waited:UInt8} AND ({changed:UInt8} OR version_now != toString(rule_version)))) AS is_deleted,
    kind, subkind, class, severity, object, process, stage, source, legal_entity, amount, currency, first_seen, last_seen, clock_start, NULL,
    if(by_rule, resolved_at, {now:DateTime64(6, 'UTC')}), if(by_rule, resolved_by, concat('rule ', rule, '@', version_now)), evidence, explanation,
    rule, rule_version, runbook, score, code, fingerprint, mapping, mapping_version, explained_by
FROM (
    SELECT *, startsWith(resolved_by, 'rule ') AS by_rule,
        transform(toString(rule), {rules:Array(String)}, {versions:Array(String)}, toString(rule_version)) AS version_now
    FROM finding_rows FINAL
    WHERE detector = 'retired' AND due_at = toDateTime64('2299-01-01 00:00:00', 6, 'UTC') AND NOT deleted
)
