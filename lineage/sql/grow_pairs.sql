-- One hop further. A way counts when it is stronger than every shorter one; among equals the smallest key before it.
INSERT INTO work_pairs (depth, start, node, grade, via)
SELECT {depth:UInt32} + 1, step.start, step.node, step.grade, step.via
FROM (
    SELECT pair.start AS start, edge.down AS node,
        min(bitShiftLeft(toUInt64(5 - least(pair.grade, edge.grade)), 40) + edge.up_rank) AS best,
        5 - bitShiftRight(best, 40) AS grade, toUInt64(bitAnd(best, 1099511627775)) AS via
    FROM (SELECT start, node, grade FROM work_pairs WHERE depth = {depth:UInt32}) AS pair
    INNER JOIN work_steps AS edge ON edge.up = pair.node
    GROUP BY start, node
) AS step
LEFT JOIN (SELECT start, node, max(grade) AS grade FROM work_pairs GROUP BY start, node) AS known
    ON known.start = step.start AND known.node = step.node
WHERE step.grade > known.grade
