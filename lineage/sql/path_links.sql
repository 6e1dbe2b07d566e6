-- The links between the objects of the path that its process may use.
SELECT upstream AS "from", object AS "to", relation, grade, rule, amount, event_id AS event
FROM v_links
WHERE object_hash IN (
{{path_members}}
)
    AND upstream_hash IN (
{{path_members}}
)
    AND process IN ('', (SELECT process FROM paths FINAL WHERE root_hash = {root:UInt64}))
ORDER BY "from", "to", relation
