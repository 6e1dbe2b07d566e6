INSERT INTO work_bearers (depth, target_hash, process, object_hash)
SELECT DISTINCT {depth:UInt32} + 1, target_hash, process, up_hash
FROM work_bearings
WHERE (target_hash, process, up_hash) NOT IN (SELECT target_hash, process, object_hash FROM work_bearers)
