-- after: causes_at
-- Every cause as it stands now.
CREATE OR REPLACE VIEW v_causes {{on_cluster}} AS
SELECT * FROM causes_at(now = now64(6, 'UTC'))
