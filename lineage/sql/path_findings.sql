SELECT *
FROM findings_at(now = {now:DateTime64(6, 'UTC')})
WHERE object IN {keys:Array(String)} OR finding_id IN (SELECT finding_id FROM finding_rows FINAL WHERE root = {root:String} AND NOT deleted)
ORDER BY transform(severity, ['critical', 'warning', 'info'], [1, 2, 3], 4), finding_id
