ALTER TABLE calendar_entities REPLACE PARTITION tuple() FROM work_calendar_entities
