-- One hop further. A way counts when it is stronger than every shorter one; among equals the smallest key before it.
INSERT INTO work_pairs (depth, process, start_hash, object_hash, grade, via)
SELECT {depth:UInt32} + 1, step.process, step.start_hash, step.object_hash, step.grade, step.via
FROM (
    SELECT pair.process AS process, pair.start_hash AS start_hash, edge.down_hash AS object_hash,
        max(least(pair.grade, edge.grade)) AS grade,
        min((4 - least(pair.grade, edge.grade), edge.up_key)).2 AS via
    FROM (SELECT process, start_hash, object_hash, grade FROM work_pairs WHERE depth = {depth:UInt32}) AS pair
    INNER JOIN work_edges AS edge ON edge.process = pair.process AND edge.up_hash = pair.object_hash
    GROUP BY process, start_hash, object_hash
) AS step
LEFT JOIN (
    SELECT process, start_hash, object_hash, max(grade) AS grade
    FROM work_pairs
    GROUP BY process, start_hash, object_hash
) AS known ON known.process = step.process AND known.start_hash = step.start_hash AND known.object_hash = step.object_hash
WHERE step.grade > known.grade
