INSERT INTO work_nodes (depth, process, object_hash)
SELECT DISTINCT 1, process, arrayJoin(downs) FROM work_tails
