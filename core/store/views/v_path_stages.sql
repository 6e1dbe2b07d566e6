-- after: path_latencies_at
-- Every stage of every path as it stands now, with how long it took.
CREATE OR REPLACE VIEW v_path_stages {{on_cluster}} AS
SELECT * EXCEPT (tail_hash, calendar) FROM path_latencies_at(now = now64(6, 'UTC'))
