TRUNCATE TABLE match_rules
