ALTER TABLE process_stages REPLACE PARTITION tuple() FROM work_process_stages
