SELECT *
FROM findings_at(now = {now:DateTime64(6, 'UTC')})
WHERE kind = 'reconciliation_break'
ORDER BY finding_id
