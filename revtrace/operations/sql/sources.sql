-- Who sends, declared or only seen, and when they were last heard.
SELECT
    s.name AS name,
    s.role AS role,
    s.system AS system,
    s.declared AS declared,
    s.expected_every_seconds AS expected_every_seconds,
    heard.events AS events,
    if(heard.events = 0, NULL, heard.last_heard_at) AS last_heard_at
FROM v_sources AS s
LEFT JOIN (
    SELECT source, count() AS events, max(received_at) AS last_heard_at FROM events GROUP BY source
) AS heard ON heard.source = s.name
ORDER BY s.name
