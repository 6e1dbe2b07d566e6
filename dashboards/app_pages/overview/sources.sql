-- When the last event of each system occurred, and when anything of it last arrived, beside how often it should be.
SELECT
    source,
    any(role) AS source_role,
    count() AS events,
    max(occurred_at) AS last_at,
    max(received_at) AS arrived_at,
    (SELECT anyIf(expected_every_seconds, name = source) FROM v_sources) AS expected
FROM v_events
GROUP BY source
ORDER BY last_at DESC
