SELECT root_hash, object_hash
FROM v_path_objects
WHERE root_hash IN {roots:Array(UInt64)} AND object_hash IN {objects:Array(UInt64)}
