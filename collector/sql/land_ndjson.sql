-- The event lines of the landed deliveries: what Python prepared, else the body itself, split at line ends.
-- A mapping says of a record that is nothing for revtrace: `skipped: ...`.
-- `numbers` carries the place in the file where a record began, for forms whose records are no lines.
INSERT INTO landing_lines (seq, record, line_number, line, skipped)
SELECT
    seq,
    place AS record,
    if(empty(numbers), file_line + place, numbers[place]) AS line_number,
    line,
    mapped AND startsWith(line, 'skipped: ') AS skipped
FROM (
    SELECT seq, file_line, numbers, prepared AND mapping != 'native' AS mapped, splitByChar('\n', if(prepared, lines, body)) AS parts
    FROM landing
    WHERE protocol NOT IN ('otlp_logs', 'otlp_traces')
)
ARRAY JOIN parts AS line, arrayEnumerate(parts) AS place
WHERE notEmpty(trim(BOTH ' \t\r' FROM line))
