TRUNCATE TABLE match_keys
