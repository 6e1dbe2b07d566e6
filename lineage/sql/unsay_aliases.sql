-- Who superseded events said to be the same, where no event says so any more; a name that is nobody's alias any more has no class.
DELETE FROM alias_edges
WHERE (object_hash, other_hash) IN (
    SELECT sipHash64(object_type, names.1), sipHash64(object_type, names.2)
    FROM ({{unsaid_ends}})
    ARRAY JOIN [(object_id, other_id), (other_id, object_id)] AS names
)
AND (object_hash, other_hash) NOT IN (
    SELECT sipHash64(object_type, names.1), sipHash64(object_type, names.2)
    FROM events
    ARRAY JOIN link_types AS link_type, link_ids AS link_id, link_relations AS relation
    ARRAY JOIN [(object_id, link_id), (link_id, object_id)] AS names
    WHERE relation = 'same_as' AND link_type = object_type AND link_id != object_id AND object_hash IN (
        SELECT arrayJoin([sipHash64(object_type, object_id), sipHash64(object_type, other_id)]) FROM ({{unsaid_ends}})
    )
)
;
DELETE FROM alias_classes
WHERE object_hash IN (SELECT arrayJoin([sipHash64(object_type, object_id), sipHash64(object_type, other_id)]) FROM ({{unsaid_ends}}))
    AND object_hash NOT IN (SELECT object_hash FROM alias_edges)
