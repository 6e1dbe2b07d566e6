-- Which of these revenue events have any of these objects on their path.
SELECT root_hash, concat(root_type, '/', root_id) AS root, process, tail_hash, reversed, contract
FROM paths FINAL
WHERE root_hash IN {roots:Array(UInt64)} AND NOT deleted AND (root_hash IN {objects:Array(UInt64)} OR tail_hash IN (
    SELECT tail_hash FROM tails FINAL
    WHERE tail_hash IN (SELECT tail_hash FROM paths FINAL WHERE root_hash IN {roots:Array(UInt64)})
        AND hasAny(object_hashes, {objects:Array(UInt64)})
))
