ALTER TABLE control_rules REPLACE PARTITION tuple() FROM work_control_rules
