-- From each node, itself first; and from each tail, what it begins with.
INSERT INTO work_pairs (depth, process, start_hash, object_hash, grade, via)
SELECT 0, process, object_hash, object_hash, 4, '' FROM work_nodes
UNION ALL
SELECT 1, process, tail_hash, down_hash, down_grade, ''
FROM (SELECT DISTINCT process, tail_hash, downs, grades FROM work_tails WHERE tail_hash != 0)
ARRAY JOIN downs AS down_hash, grades AS down_grade
