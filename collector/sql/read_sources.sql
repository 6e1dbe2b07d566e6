SELECT
    registered.name AS name,
    registered.role AS role,
    registered.system AS system,
    registered.declared AS declared,
    registered.expected_every_seconds AS expected_every_seconds,
    registered.registered_at AS registered_at,
    heard.events AS events,
    if(heard.events = 0, NULL, heard.last_received_at) AS last_received_at
FROM v_sources AS registered
LEFT JOIN (
    SELECT source, count() AS events, max(received_at) AS last_received_at FROM events GROUP BY source
) AS heard ON heard.source = registered.name
ORDER BY name
