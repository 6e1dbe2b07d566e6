-- Judges the event lines of the landed deliveries: what Python prepared, else the body itself, split at line ends.
-- A mapping of payloads says of a record that is nothing for revtrace: `skipped: ...`.
-- `numbers` carries the place in the file where a record began, for forms whose records are no lines.
INSERT INTO {staged:Identifier} (
{{staged_columns}}
)
WITH
lines AS (
    SELECT
        seq,
        delivery,
        received_at,
        source AS given_source,
        toString(mapping) AS mapping,
        mapping_version,
        allowed_sources,
        place AS record,
        if(empty(numbers), file_line + place, numbers[place]) AS line_number,
        line,
        emptyArrayString() AS span_links,
        mapped AND startsWith(line, 'skipped: ') AS skipped
    FROM (
        SELECT
            seq, delivery, received_at, source, mapping, mapping_version, allowed_sources, file_line, numbers,
            prepared AND protocol = 'payload' AS mapped,
            splitByChar('\n', if(prepared, lines, body)) AS parts
        FROM landing
        WHERE protocol NOT IN ('otlp_logs', 'otlp_traces')
    )
    ARRAY JOIN parts AS line, arrayEnumerate(parts) AS place
    WHERE notEmpty(trim(BOTH ' \t\r' FROM line)) AND (seq, place) NOT IN (SELECT seq, record FROM {staged:Identifier})
),
{{admission}}
SELECT
{{staged_columns}}
FROM admitted
{{bench_settings}}
