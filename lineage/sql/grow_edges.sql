-- The links that hold now, down from the newest nodes: asserted ones and those of the node's own process. The upstream
-- side only proposes; the row of the downstream object decides.
INSERT INTO work_edges (process, up_hash, up_key, down_hash, grade)
SELECT node.process, edge.up_hash, any(edge.up_key), edge.down_hash, max(edge.grade)
FROM (
    SELECT object_hash AS down_hash, up.1 AS process, up.2 AS up_hash, up.3 AS up_key, up.5 AS grade
    FROM objects FINAL
    ARRAY JOIN ups AS up
    WHERE NOT deleted AND object_hash IN (
        SELECT down_hash FROM links_down
        WHERE up_hash IN (SELECT object_hash FROM work_nodes WHERE depth = {depth:UInt32})
    )
) AS edge
INNER JOIN (SELECT process, object_hash FROM work_nodes WHERE depth = {depth:UInt32}) AS node ON node.object_hash = edge.up_hash
WHERE edge.process = '' OR edge.process = node.process
GROUP BY node.process, edge.up_hash, edge.down_hash
