-- What each source has sent, and what waits of it; records that a replay makes again are counted with their first time.
SELECT
    counted.source AS source,
    counted.stored AS stored,
    held.open AS open,
    held.admitted AS admitted
FROM (SELECT source, count() AS stored FROM v_events GROUP BY source) AS counted
FULL OUTER JOIN (
    SELECT source, countIf(state = 'open') AS open, countIf(state = 'admitted') AS admitted FROM v_quarantine GROUP BY source
) AS held USING (source)
ORDER BY open DESC, source
LIMIT {rows:UInt32}
