-- The links that hold, up from the newest of them; those of a process lead on only by links of that process or asserted ones.
INSERT INTO work_bearings (target_hash, process, down_hash, up_hash, amount)
SELECT node.target_hash, if(node.process = '', link.process, node.process) AS its_process, link.down_hash, link.up_hash, anyIf(link.amount, link.is_from)
FROM (
    SELECT object_hash AS down_hash, toString(up.1) AS process, up.2 AS up_hash, up.4 = 'from' AS is_from, up.6 AS amount
    FROM objects FINAL
    ARRAY JOIN ups AS up
    WHERE object_hash IN (SELECT object_hash FROM work_bearers WHERE depth = {depth:UInt32}) AND NOT deleted
) AS link
INNER JOIN (SELECT target_hash, process, object_hash FROM work_bearers WHERE depth = {depth:UInt32}) AS node ON node.object_hash = link.down_hash
WHERE link.process = '' OR node.process = '' OR link.process = node.process
GROUP BY node.target_hash, its_process, link.down_hash, link.up_hash
