ALTER TABLE calendar_periods REPLACE PARTITION tuple() FROM work_calendar_periods
