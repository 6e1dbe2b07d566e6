-- What was decided and said about a finding by an instant, in order.
SELECT action, person, at, until, assignee, note, amount, currency, kind, subkind, object
FROM case_events
WHERE finding_id = {finding:String} AND at <= {now:DateTime64(6, 'UTC')}
ORDER BY at, recorded_at, entry_id
