ALTER TABLE control_places REPLACE PARTITION tuple() FROM work_control_places
