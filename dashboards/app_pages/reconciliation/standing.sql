-- How each control stands, by currency: rows, those that differ, and those that may be work on its way.
SELECT
    control,
    any(title) AS title,
    any(left_title) AS left_title,
    any(right_title) AS right_title,
    currency,
    count() AS compared,
    countIf(status = 'break' AND NOT early) AS broken,
    countIf(status = 'break' AND early) AS waiting,
    sumIf(abs(difference), status = 'break' AND NOT early) AS total,
    sumIf(abs(difference), status = 'break' AND early) AS waiting_total
FROM (
    SELECT *, warn_at IS NOT NULL AND assumeNotNull(warn_at) > {now:DateTime64(6, 'UTC')} AS early
    {{matching}}
)
GROUP BY control, currency
ORDER BY control, currency
