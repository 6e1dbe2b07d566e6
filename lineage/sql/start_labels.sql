INSERT INTO work_labels (round, object_hash, object_type, object_id, label)
SELECT DISTINCT 0, object_hash, object_type, object_id, object_id
FROM alias_edges
WHERE object_hash IN (SELECT object_hash FROM work_seeds)
