SELECT
    count() AS deliveries,
    sum(told.received) AS received,
    sum(told.stored) AS stored,
    sum(told.duplicates) AS duplicates,
    sum(told.quarantined) AS quarantined,
    sum(told.skipped) AS skipped,
    countIf(told.received != told.stored + told.duplicates + told.quarantined + told.skipped) AS unbalanced
FROM delivery_closings AS told FINAL
