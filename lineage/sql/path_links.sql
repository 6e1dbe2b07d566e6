-- The links of objects of the path that its process may use; the reader leaves out those from other paths.
SELECT link.3 AS "from", link.2 AS from_hash, concat(object_type, '/', object_id) AS "to", link.4 AS relation,
    transform(link.5, [1, 2, 3, 4], ['inferred', 'correlated', 'alias', 'asserted'], '') AS grade, link.7 AS rule, link.6 AS amount, link.8 AS event
FROM (SELECT object_type, object_id, ups FROM objects FINAL WHERE object_hash IN {objects:Array(UInt64)} AND NOT deleted)
ARRAY JOIN ups AS link
WHERE link.1 IN ('', {process:String})
ORDER BY "from", "to", relation
