SELECT object AS key, object_type AS type, grade, via, depth, reversed = 1 AS reversed
FROM v_path_objects
WHERE root_hash = {root:UInt64}
ORDER BY depth, key
