SELECT *, concat(root_type, '/', root_id) AS root FROM paths FINAL WHERE NOT deleted
