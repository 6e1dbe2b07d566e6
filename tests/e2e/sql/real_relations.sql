-- The relations between objects, as the links that events carry.
SELECT link.2 AS relation, toString(object_type) AS one, toString(link.1) AS other, uniqExact(object_id, link.3) AS links
FROM (SELECT object_type, object_id, arrayZip(link_types, link_ids, link_relations) AS links_told FROM v_events)
ARRAY JOIN arrayMap(told -> (told.1, told.3, told.2), links_told) AS link
GROUP BY ALL
