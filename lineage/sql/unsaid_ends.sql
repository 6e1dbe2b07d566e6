-- The two ids of each `same_as` that a superseded event said.
SELECT object_type, object_id, arrayJoin(arrayFilter(
    (id, type, relation) -> relation = 'same_as' AND type = object_type AND id != object_id, link_ids, link_types, link_relations)) AS other_id
FROM superseded_events
WHERE batch > {from_batch:UInt64} AND batch <= {to_batch:UInt64} AND has(link_relations, 'same_as')
