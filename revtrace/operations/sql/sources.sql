-- Who sends, declared or only seen, when their last event occurred, and when one last arrived.
SELECT
    s.name AS name,
    s.role AS role,
    s.system AS system,
    s.declared AS declared,
    s.expected_every_seconds AS expected_every_seconds,
    heard.events AS events,
    if(heard.events = 0, NULL, heard.newest_at) AS last_event_at,
    if(heard.events = 0, NULL, heard.arrived_at) AS last_arrival_at
FROM v_sources AS s
LEFT JOIN (
    SELECT source, count() AS events, max(occurred_at) AS newest_at, max(received_at) AS arrived_at FROM events GROUP BY source
) AS heard ON heard.source = s.name
ORDER BY s.name
