SELECT count() FROM match_rules
