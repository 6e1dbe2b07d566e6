-- One page of the table. Amounts of two currencies have no order, so the largest come currency by currency; among the most severe by
-- their number, so that no currency hides behind another.
SELECT
    finding_id, kind, subkind, class, severity, object, process, stage, source, legal_entity, roots, root_sample,
    amount, currency, first_seen, last_seen, clock_start, due_at, status, resolved_by, explanation, rule, rule_version,
    runbook, decided_by, decided_until, note, assignee
{{matching}}
ORDER BY
    if({sort:String} = 'worst', transform(severity, ['critical', 'warning', 'info'], [0, 1, 2], 3), 0),
    if({sort:String} = 'largest', currency, ''),
    if({sort:String} IN ('worst', 'largest'), -coalesce(abs(amount), -1), 0),
    if({sort:String} = 'newest', -toUnixTimestamp64Micro(clock_start), toUnixTimestamp64Micro(clock_start)),
    finding_id
LIMIT {rows:UInt32} OFFSET {offset:UInt64}
