-- The links that hold, down from the newest nodes: asserted ones and those of the node's own process.
INSERT INTO work_edges (up, down, grade, process, down_hash, corrects)
SELECT node.node, 
    bitOr(bitAnd(sipHash64(toString(node.process), link.down_hash), 9223372036854775807), bitShiftLeft(toUInt64(node.corrects OR link.corrects), 63)) AS down,
    max(link.grade), any(node.process), any(link.down_hash), any(node.corrects OR link.corrects)
FROM (
    SELECT up_hash, process, down_hash, corrects, grade
    FROM links_down FINAL
    WHERE up_hash IN (SELECT object_hash FROM work_nodes WHERE depth = {depth:UInt32}) AND NOT deleted
) AS link
INNER JOIN (SELECT process, object_hash, corrects, node FROM work_nodes WHERE depth = {depth:UInt32}) AS node ON node.object_hash = link.up_hash
WHERE link.process = '' OR link.process = node.process
GROUP BY node.node, down
