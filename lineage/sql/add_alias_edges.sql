-- Who says to be the same as whom, in both directions; an id that is only named by others counts, too.
INSERT INTO alias_edges (object_hash, other_hash, object_type, object_id, other_id)
SELECT DISTINCT
    sipHash64(object_type, names.1), sipHash64(object_type, names.2), object_type, names.1, names.2
FROM events
ARRAY JOIN link_types AS link_type, link_ids AS link_id, link_relations AS relation
ARRAY JOIN [(object_id, link_id), (link_id, object_id)] AS names
WHERE object_hash IN (SELECT object_hash FROM work_seeds)
    AND relation = 'same_as' AND link_type = object_type AND link_id != object_id
