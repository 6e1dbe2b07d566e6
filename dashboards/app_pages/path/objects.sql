-- The objects on one path, nearest first; the page shows some and says how many there are.
SELECT object, object_type, object_id, grade, via, depth, reversed, count() OVER () AS objects
FROM v_path_objects
WHERE {{this_root}}
ORDER BY depth, object
LIMIT {rows:UInt32} OFFSET {objects_offset:UInt64}
