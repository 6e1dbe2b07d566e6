ALTER TABLE failure_patterns REPLACE PARTITION tuple() FROM work_failure_patterns
