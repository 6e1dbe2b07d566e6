ALTER TABLE calendar_hours REPLACE PARTITION tuple() FROM work_calendar_hours
