INSERT INTO work_pairs (depth, process, start_hash, object_hash, grade, via)
SELECT 0, process, object_hash, object_hash, 4, '' FROM work_nodes
