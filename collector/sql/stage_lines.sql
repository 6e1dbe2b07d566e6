-- Judges the landed lines of records that are rare. What is known of their delivery is looked up by place, since a join
-- would cost more than judging.
INSERT INTO {staged:Identifier} (
{{staged_columns}}
)
WITH
(SELECT groupArray(delivery) FROM (SELECT delivery FROM landing ORDER BY seq)) AS deliveries,
(SELECT groupArray(received_at) FROM (SELECT received_at FROM landing ORDER BY seq)) AS times,
(SELECT groupArray(source) FROM (SELECT source FROM landing ORDER BY seq)) AS sources,
(SELECT groupArray(toString(mapping)) FROM (SELECT mapping FROM landing ORDER BY seq)) AS mappings,
(SELECT groupArray(mapping_version) FROM (SELECT mapping_version FROM landing ORDER BY seq)) AS versions,
(SELECT groupArray(allowed_sources) FROM (SELECT allowed_sources FROM landing ORDER BY seq)) AS scopes,
lines AS (
    SELECT
        seq,
        deliveries[seq + 1] AS delivery,
        times[seq + 1] AS received_at,
        sources[seq + 1] AS given_source,
        mappings[seq + 1] AS mapping,
        versions[seq + 1] AS mapping_version,
        scopes[seq + 1] AS allowed_sources,
        record,
        line_number,
        line,
        span_links,
        skipped
    FROM landing_lines
),
{{admission}}
SELECT
{{staged_columns}}
FROM admitted
{{bench_settings}}
