INSERT INTO staged (
{{staged_columns}}
)
WITH
lines AS (
{{lines_ndjson}}
),
{{admission}}
SELECT
{{staged_columns}}
FROM admitted
