-- after: revenue_at_risk_at
-- What will miss the next books closes, as it stands now.
CREATE OR REPLACE VIEW v_revenue_at_risk {{on_cluster}} AS
SELECT * FROM revenue_at_risk_at(now = now64(6, 'UTC'))
