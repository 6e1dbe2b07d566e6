-- The links that hold, down from the newest nodes: asserted ones and those of the node's own process.
INSERT INTO work_edges (process, up_hash, up_key, down_hash, grade)
SELECT node.process, link.up_hash, any(node.object_key), link.down_hash, max(link.grade)
FROM (
    SELECT up_hash, process, down_hash, grade
    FROM links_down FINAL
    WHERE up_hash IN (SELECT object_hash FROM work_nodes WHERE depth = {depth:UInt32}) AND NOT deleted
) AS link
INNER JOIN (
    SELECT process, object_hash, object_key FROM work_parts
    WHERE object_hash IN (SELECT object_hash FROM work_nodes WHERE depth = {depth:UInt32})
) AS node ON node.object_hash = link.up_hash
WHERE link.process = '' OR link.process = node.process
GROUP BY node.process, link.up_hash, link.down_hash
