-- How old the findings are, from the business event that started their clock, by count and by amount.
SELECT
    toUInt8(bucket - 1) AS bucket,
    currency,
    count() AS findings,
    countIf(isNull(amount)) AS without_amount,
    coalesce(sum(amount), 0) AS total
FROM finding_ages_at(now = {now:DateTime64(6, 'UTC')})
WHERE finding_id IN (
    SELECT finding_id
    {{matching}}
)
GROUP BY bucket, currency
ORDER BY bucket, currency
