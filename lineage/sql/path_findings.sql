SELECT *
FROM findings_at(now = {now:DateTime64(6, 'UTC')})
WHERE finding_id IN {ids:Array(String)}
ORDER BY transform(severity, ['critical', 'warning', 'info'], [1, 2, 3], 4), finding_id
