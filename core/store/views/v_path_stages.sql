-- after: path_stages_at
-- Every stage of every path as it stands now.
CREATE OR REPLACE VIEW v_path_stages {{on_cluster}} AS
SELECT * FROM path_stages_at(now = now64(6, 'UTC'))
