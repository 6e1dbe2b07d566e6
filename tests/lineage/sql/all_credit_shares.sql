SELECT * EXCEPT (version) FROM credit_shares FINAL WHERE NOT deleted ORDER BY root_hash, target_hash, memo_hash
