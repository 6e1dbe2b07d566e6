ALTER TABLE control_moneys REPLACE PARTITION tuple() FROM work_control_moneys
