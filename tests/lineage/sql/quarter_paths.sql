SELECT path.root AS root, told.state AS state, path.process AS process, held.object_keys AS object_keys, path.stages AS stages,
    path.reached AS reached, path.amount AS amount, path.currency AS currency
FROM (SELECT *, concat(root_type, '/', root_id) AS root FROM paths FINAL WHERE NOT deleted) AS path
INNER JOIN (SELECT root, groupArray(object) AS object_keys FROM v_path_objects GROUP BY root) AS held ON held.root = path.root
INNER JOIN (SELECT root, state FROM paths_at(now = {now:DateTime64(6, 'UTC')})) AS told ON told.root = path.root
