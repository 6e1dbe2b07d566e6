TRUNCATE TABLE landing
;
TRUNCATE TABLE landing_logs
;
TRUNCATE TABLE landing_spans
;
TRUNCATE TABLE landing_lines
