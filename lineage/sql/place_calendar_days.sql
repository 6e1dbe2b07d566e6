ALTER TABLE calendar_days REPLACE PARTITION tuple() FROM work_calendar_days
