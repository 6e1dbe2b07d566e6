SELECT
    source,
    toStartOfHour(received_at) AS hour,
    sum(received) AS received,
    sum(stored) AS stored,
    sum(duplicates) AS duplicates,
    sum(quarantined) AS quarantined,
    sum(skipped) AS skipped,
    received = stored + duplicates + quarantined + skipped AS balances
FROM v_deliveries
WHERE received_at >= {since:DateTime64(6, 'UTC')} AND closed
GROUP BY source, hour
ORDER BY hour DESC, source
LIMIT {limit:UInt32}
