INSERT INTO landing_lines (seq, record, line_number, line, span_links, skipped)
WITH
records AS (
{{records_spans}}
),
{{lines_otlp}}
SELECT seq, record, record, line, span_links, skipped
FROM written_lines
WHERE (seq, record) NOT IN (SELECT seq, record FROM {staged:Identifier})
{{bench_settings}}
