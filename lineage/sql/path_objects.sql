-- What is behind a revenue event; itself is left out, and '' in via stands for it.
SELECT object AS key, object_hash, splitByChar('/', object)[1] AS type, transform(grade, [1, 2, 3, 4, 5], ['inferred', 'correlated', 'alias', 'asserted', 'root'], '') AS grade,
    via, depth, reversed = 1 AS reversed, correction = 1 AS correction
FROM (
    SELECT object_keys, object_hashes, grades, vias, depths, reverseds, corrections FROM tails FINAL WHERE tail_hash = {tail:UInt64}
)
ARRAY JOIN object_keys AS object, object_hashes AS object_hash, grades AS grade, vias AS via, depths AS depth, reverseds AS reversed, corrections AS correction
WHERE object_hash != {root:UInt64}
ORDER BY depth, key
