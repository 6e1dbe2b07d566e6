INSERT INTO work_nodes (depth, node, process, object_hash, corrects)
SELECT {depth:UInt32} + 1, down, any(process), any(down_hash), any(corrects)
FROM work_edges
WHERE up IN (SELECT node FROM work_nodes WHERE depth = {depth:UInt32}) AND down NOT IN (SELECT node FROM work_nodes)
GROUP BY down
