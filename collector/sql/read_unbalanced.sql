-- Where records are unaccounted for, by source and hour of receipt.
SELECT
    source,
    hour,
    count() AS deliveries,
    countIf(NOT closed) AS deliveries_open,
    sum(wrong.received) AS received,
    sum(wrong.stored) AS stored,
    sum(wrong.duplicates) AS duplicates,
    sum(wrong.quarantined) AS quarantined,
    sum(wrong.skipped) AS skipped,
    sum(wrong.stored_rows) AS events,
    sum(wrong.quarantined_rows) AS quarantine_records,
    arraySort(groupArray(10)(delivery)) AS examples
FROM (
{{unbalanced}}
) AS wrong
GROUP BY source, hour
ORDER BY hour, source
LIMIT {limit:UInt32}
