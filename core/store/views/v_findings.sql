-- after: findings_at
-- Every finding as it stands now.
CREATE OR REPLACE VIEW v_findings {{on_cluster}} AS
SELECT * FROM findings_at(now = now64(6, 'UTC'))
