INSERT INTO work_nodes (depth, node, process, object_hash)
SELECT DISTINCT 1, sipHash64(toString(process), arrayJoin(downs) AS down_hash), process, down_hash
FROM (SELECT DISTINCT process, tail_hash, downs FROM work_roots)
