-- What was decided and said about one finding so far, the newest first.
SELECT action, person, at, until, assignee, note, amount, currency
FROM v_cases
WHERE finding_id = {finding:String} AND at <= {now:DateTime64(6, 'UTC')}
ORDER BY at DESC, recorded_at DESC
LIMIT {rows:UInt32}
