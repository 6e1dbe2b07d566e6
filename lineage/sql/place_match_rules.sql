ALTER TABLE match_rules REPLACE PARTITION tuple() FROM work_match_rules
