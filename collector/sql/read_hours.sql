SELECT
    source,
    toStartOfHour(received_at) AS hour,
    sum(told.received) AS received,
    sum(told.stored) AS stored,
    sum(told.duplicates) AS duplicates,
    sum(told.quarantined) AS quarantined,
    sum(told.skipped) AS skipped,
    received = stored + duplicates + quarantined + skipped AS balances
FROM v_deliveries AS told
WHERE received_at >= {since:DateTime64(6, 'UTC')} AND closed
GROUP BY source, hour
ORDER BY hour DESC, source
LIMIT {limit:UInt32}
