-- What there is to choose from in the filters.
SELECT kind, class, status, legal_entity, process, count() AS findings
FROM findings_at(now = {now:DateTime64(6, 'UTC')})
GROUP BY kind, class, status, legal_entity, process
ORDER BY kind, class, status, legal_entity, process
