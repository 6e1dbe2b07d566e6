-- Some revenue events worth looking at, for a reader who has no id at hand.
SELECT root, process, state, net AS amount, currency, next_stage
FROM paths_at(now = {now:DateTime64(6, 'UTC')})
WHERE state IN ('failed', 'overdue', 'complete')
ORDER BY transform(state, ['failed', 'overdue', 'complete'], [0, 1, 2], 3), started_at DESC, root
LIMIT 2 BY state
