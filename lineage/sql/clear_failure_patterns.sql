-- Through the work table, as what is put there: who has lost the epoch has lost that table, and can empty nothing.
ALTER TABLE failure_patterns MOVE PARTITION tuple() TO TABLE work_failure_patterns
