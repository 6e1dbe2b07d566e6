INSERT INTO staged (
{{staged_columns}}
)
WITH
records AS (
{{records_logs}}
),
{{lines_otlp}},
{{admission}}
SELECT
{{staged_columns}}
FROM admitted
