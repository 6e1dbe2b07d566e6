-- What the findings have in common, by the same filters as far as causes know them.
SELECT
    cause, kind, subkind, class, severity, source, code, fingerprint, mapping, mapping_version, stage, status, findings, open_findings, roots, contracts,
    legal_entities, amounts, first_seen, last_seen, per_day, last_week, trend, explanation
FROM causes_at(now = {now:DateTime64(6, 'UTC')})
WHERE ({status:String} NOT IN ('active', 'open', 'resolved', 'waived') OR status = if({status:String} = 'active', 'open', {status:String}))
    AND ({kind:String} = '' OR kind = {kind:String})
    AND ({class:String} = '' OR class = {class:String})
    AND ({entity:String} = '' OR has(legal_entities, {entity:String}))
ORDER BY status != 'open', transform(severity, ['critical', 'warning', 'info'], [0, 1, 2], 3), open_findings DESC, findings DESC, cause
LIMIT {rows:UInt32}
