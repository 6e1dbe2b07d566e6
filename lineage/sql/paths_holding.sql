SELECT root_hash, concat(root_type, '/', root_id) AS root
FROM paths FINAL
WHERE root_hash IN {roots:Array(UInt64)} AND NOT deleted AND hasAny(object_hashes, {objects:Array(UInt64)})
