-- How each control stands, by currency: rows, those that differ, and those that may be work on its way.
SELECT
    control,
    any(title) AS title,
    any(left_title) AS left_title,
    any(right_title) AS right_title,
    currency,
    count() AS compared,
    countIf(status = 'break' AND NOT provisional) AS broken,
    countIf(status = 'break' AND provisional) AS waiting,
    sumIf(abs(difference), status = 'break' AND NOT provisional) AS total,
    sumIf(abs(difference), status = 'break' AND provisional) AS waiting_total
{{matching}}
GROUP BY control, currency
ORDER BY control, currency
