-- From each node, itself first; and from each tail, what it begins with.
INSERT INTO work_pairs (depth, start, node, grade, via)
SELECT 0, node, node, 5, 0 FROM work_nodes
UNION ALL
SELECT 1, tail_hash, sipHash64(toString(process), down_hash), down_grade, 0
FROM (SELECT DISTINCT process, tail_hash, downs, grades FROM work_roots WHERE tail_hash != 0)
ARRAY JOIN downs AS down_hash, grades AS down_grade
