INSERT INTO work_nodes (depth, process, object_hash)
SELECT DISTINCT {depth:UInt32} + 1, process, down_hash
FROM work_edges
WHERE (process, up_hash) IN (SELECT process, object_hash FROM work_nodes WHERE depth = {depth:UInt32})
    AND (process, down_hash) NOT IN (SELECT process, object_hash FROM work_nodes)
