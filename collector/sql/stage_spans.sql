-- Stages the records that are plain, and those that are no events; the others are found by find_odd_spans.
INSERT INTO {staged:Identifier} (
{{staged_columns}}
)
WITH
records AS (
{{lean_spans}}
),
{{plain_otlp}}
SELECT
{{staged_columns}}
FROM admitted
{{bench_settings}}
