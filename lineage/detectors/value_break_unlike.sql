-- Whether two links that share an end still have different labels.
SELECT count() FROM (
    SELECT 1 FROM work_hops WHERE round = {round:UInt32} GROUP BY hop, down_hash HAVING uniqExact(label) > 1
    UNION ALL
    SELECT 1 FROM work_hops WHERE round = {round:UInt32} GROUP BY hop, up_hash HAVING uniqExact(label) > 1
)
