-- Through the work table, as what is put there: who has lost the epoch has lost that table, and can empty nothing.
ALTER TABLE calendar_hours MOVE PARTITION tuple() TO TABLE work_calendar_hours
