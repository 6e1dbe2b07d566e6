-- Every path with its money and the objects on it.
SELECT path.root AS root, path.process AS process, path.state AS state, path.amount AS amount, path.currency AS currency, on_it.keys AS keys
FROM v_paths AS path
INNER JOIN (SELECT root_hash, groupArray(object) AS keys FROM v_path_objects GROUP BY root_hash) AS on_it ON on_it.root_hash = path.root_hash
