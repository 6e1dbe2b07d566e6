-- The class that a name belongs to, and what it was made from.
SELECT object_hash, concat(object_type, '/', object_id) AS key, arrayMap(up -> up.2, ups) AS ups
FROM objects FINAL
WHERE NOT deleted AND object_hash IN (
    SELECT sipHash64({type:String}, {id:String})
    UNION ALL
    SELECT class_hash FROM alias_classes FINAL WHERE object_hash = sipHash64({type:String}, {id:String})
)
LIMIT 1
