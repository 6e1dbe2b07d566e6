INSERT INTO work_bearers (depth, target_hash, process, object_hash)
SELECT DISTINCT 0, target_hash, '', target_hash FROM work_credits
