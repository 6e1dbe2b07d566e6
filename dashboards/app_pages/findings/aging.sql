-- How old the findings are, from the business event that started their clock, by count and by amount.
SELECT
    multiIf(days < 1, 0, days < 3, 1, days < 7, 2, days < 30, 3, 4) AS bucket,
    currency,
    count() AS findings,
    countIf(isNull(amount)) AS without_amount,
    coalesce(sum(amount), 0) AS total
FROM (
    SELECT
        currency,
        amount,
        dateDiff('second', clock_start, {now:DateTime64(6, 'UTC')}) / 86400 AS days
    {{matching}}
)
GROUP BY bucket, currency
ORDER BY bucket, currency
