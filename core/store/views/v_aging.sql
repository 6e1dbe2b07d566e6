-- after: aging_at
-- Findings by age, as they stand now.
CREATE OR REPLACE VIEW v_aging {{on_cluster}} AS
SELECT * FROM aging_at(now = now64(6, 'UTC'))
