-- The links that hold, down from the newest nodes: asserted ones and those of the node's own process.
INSERT INTO work_edges (up, down, grade, process, down_hash)
SELECT node.node, sipHash64(toString(node.process), link.down_hash) AS down, max(link.grade), any(node.process), any(link.down_hash)
FROM (
    SELECT up_hash, process, down_hash, grade
    FROM links_down FINAL
    WHERE up_hash IN (SELECT object_hash FROM work_nodes WHERE depth = {depth:UInt32}) AND NOT deleted
) AS link
INNER JOIN (SELECT process, object_hash, node FROM work_nodes WHERE depth = {depth:UInt32}) AS node ON node.object_hash = link.up_hash
WHERE link.process = '' OR link.process = node.process
GROUP BY node.node, down
