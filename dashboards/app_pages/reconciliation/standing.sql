-- How each control stands, by currency: rows, those that differ, those that may be work on its way, and
-- those of a break that goes on, which is counted at another of them.
SELECT
    control,
    any(title) AS title,
    any(left_title) AS left_title,
    any(right_title) AS right_title,
    currency,
    count() AS compared,
    countIf(status = 'break' AND NOT carried AND NOT provisional) AS broken,
    countIf(status = 'break' AND NOT carried AND provisional) AS waiting,
    countIf(carried) AS carried_on,
    any(carries) AS runs_up,
    sumIf(abs(difference), status = 'break' AND NOT carried AND NOT provisional) AS total,
    sumIf(abs(difference), status = 'break' AND NOT carried AND provisional) AS waiting_total
{{matching}}
GROUP BY control, currency
ORDER BY control, currency
