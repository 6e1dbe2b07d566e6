SELECT object AS key, splitByChar('/', object)[1] AS type, transform(grade, [1, 2, 3, 4, 5], ['inferred', 'correlated', 'alias', 'asserted', 'root'], '') AS grade,
    via, depth, reversed = 1 AS reversed, correction = 1 AS correction
FROM (
    SELECT concat(root_type, '/', root_id) AS object, 5 AS grade, '' AS via, 0 AS depth, reversed, 0 AS correction
    FROM paths FINAL
    WHERE root_hash = {root:UInt64} AND NOT deleted
    UNION ALL
    SELECT object, grade, if(via = '', (SELECT concat(root_type, '/', root_id) FROM paths FINAL WHERE root_hash = {root:UInt64}), via), depth, reversed, correction
    FROM (
        SELECT object_keys, object_hashes, grades, vias, depths, reverseds, corrections FROM tails FINAL
        WHERE tail_hash IN (SELECT tail_hash FROM paths FINAL WHERE root_hash = {root:UInt64} AND NOT deleted)
    )
    ARRAY JOIN object_keys AS object, object_hashes AS object_hash, grades AS grade, vias AS via, depths AS depth, reverseds AS reversed, corrections AS correction
    WHERE object_hash != {root:UInt64}
)
ORDER BY depth, key
