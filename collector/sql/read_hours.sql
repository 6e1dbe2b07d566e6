-- What came from each source in each hour, and what became of it; an hour balances when each of its deliveries does.
SELECT
    source,
    toStartOfHour(received_at) AS hour,
    count() AS deliveries,
    countIf(replays != '') AS replays,
    sum(told.received) AS received,
    sum(told.stored) AS stored,
    sum(told.duplicates) AS duplicates,
    sum(told.quarantined) AS quarantined,
    sum(told.skipped) AS skipped,
    countIf(NOT balances) = 0 AS balances
FROM v_deliveries AS told
WHERE received_at >= {since:DateTime64(6, 'UTC')} AND closed
GROUP BY source, hour
ORDER BY hour DESC, source
LIMIT {limit:UInt32}
