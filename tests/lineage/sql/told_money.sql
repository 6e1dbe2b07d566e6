SELECT path.root AS root, share.credits AS credits, term.began_version AS began_version, term.invoiced_version AS invoiced_version
FROM (SELECT root_hash, concat(root_type, '/', root_id) AS root FROM paths FINAL WHERE NOT deleted) AS path
LEFT JOIN (
    SELECT root_hash, groupArray((memo_key, target_key, amount)) AS credits FROM credit_shares FINAL WHERE NOT deleted GROUP BY root_hash
) AS share ON share.root_hash = path.root_hash
LEFT JOIN v_path_terms AS term ON term.root_hash = path.root_hash
