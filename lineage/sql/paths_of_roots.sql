-- The paths of these revenue events; what is no revenue event has none.
SELECT root_hash, concat(root_type, '/', root_id) AS root, process, tail_hash, reversed, contract
FROM paths FINAL
WHERE root_hash IN {roots:Array(UInt64)} AND NOT deleted
