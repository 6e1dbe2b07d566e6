-- From each node, itself first; and from each tail, what it begins with.
INSERT INTO work_pairs (depth, start, node, grade, via)
SELECT 0, node, node, 5, 0 FROM work_nodes
UNION ALL
SELECT 1, tail_hash, 
    bitOr(bitAnd(sipHash64(toString(process), down_hash), 9223372036854775807), bitShiftLeft(toUInt64(correction), 63)), down_grade, 0
FROM (SELECT DISTINCT process, tail_hash, downs, corrections, grades FROM work_roots WHERE tail_hash != 0)
ARRAY JOIN downs AS down_hash, corrections AS correction, grades AS down_grade
