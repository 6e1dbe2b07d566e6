SELECT
    count() AS deliveries,
    sum(received) AS received,
    sum(stored) AS stored,
    sum(duplicates) AS duplicates,
    sum(quarantined) AS quarantined,
    sum(skipped) AS skipped,
    countIf(received != stored + duplicates + quarantined + skipped) AS unbalanced
FROM delivery_closings FINAL
