-- after: paths_at
-- Every path as it stands now.
CREATE OR REPLACE VIEW v_paths {{on_cluster}} AS
SELECT * EXCEPT (last_required, next_place, states_now) FROM paths_at(now = now64(6, 'UTC'))
