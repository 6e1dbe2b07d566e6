SELECT name
FROM system.tables
WHERE database = currentDatabase() AND engine LIKE '%MergeTree'
    AND (startsWith(name, 'control_') OR name IN ('events', 'event_arrivals', 'sources', 'finding_rows', 'batches'))
