-- When each system was last heard of, beside how often it should be.
SELECT
    source,
    any(role) AS source_role,
    count() AS events,
    max(occurred_at) AS last_at,
    (SELECT anyIf(expected_every_seconds, name = source) FROM v_sources) AS expected
FROM v_events
GROUP BY source
ORDER BY last_at DESC
