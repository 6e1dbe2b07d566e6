-- What needs attention on one path.
SELECT finding_id, kind, subkind, class, severity, object, stage, source, amount, currency, clock_start, status, explanation
FROM findings_at(now = {now:DateTime64(6, 'UTC')})
WHERE has(root_sample, {root:String}) OR object = {root:String}
ORDER BY status != 'open', clock_start
LIMIT 50
