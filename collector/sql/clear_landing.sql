TRUNCATE TABLE landing
;
TRUNCATE TABLE landing_logs
;
TRUNCATE TABLE landing_spans
;
TRUNCATE TABLE landing_lines
;
TRUNCATE TABLE landing_lean_logs
;
TRUNCATE TABLE landing_lean_spans
;
TRUNCATE TABLE landing_lean_lines
