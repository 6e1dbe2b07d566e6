-- Stages that an object itself or anything made from it has been through.
INSERT INTO work_covers (node, covered)
SELECT pair.start, groupBitOr(part.done_stages)
FROM work_pairs AS pair
INNER JOIN (SELECT node, done_stages FROM work_parts WHERE done_stages != 0) AS part ON part.node = pair.node
GROUP BY pair.start
