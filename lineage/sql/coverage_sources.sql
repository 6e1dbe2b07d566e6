-- Declared sources of which no event has ever come.
SELECT name AS source, role, registered_at
FROM sources FINAL
WHERE declared AND name NOT IN (SELECT source FROM source_facts)
ORDER BY name
