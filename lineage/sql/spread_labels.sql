-- Each name takes the smallest label among itself and its neighbours.
INSERT INTO work_labels (round, object_hash, object_type, object_id, label)
SELECT {round:UInt32} + 1, own.object_hash, any(own.object_type), any(own.object_id), min(least(own.label, other.label))
FROM (SELECT * FROM work_labels WHERE round = {round:UInt32}) AS own
INNER JOIN (
    SELECT object_hash, other_hash FROM alias_edges WHERE object_hash IN (SELECT object_hash FROM work_labels)
) AS edge ON edge.object_hash = own.object_hash
INNER JOIN (SELECT object_hash, label FROM work_labels WHERE round = {round:UInt32}) AS other
    ON other.object_hash = edge.other_hash
GROUP BY own.object_hash
