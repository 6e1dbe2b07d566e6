-- The class that a name belongs to.
SELECT object_hash, concat(object_type, '/', object_id) AS key
FROM objects FINAL
WHERE NOT deleted AND object_hash IN (
    SELECT sipHash64({type:String}, {id:String})
    UNION ALL
    SELECT class_hash FROM alias_classes FINAL WHERE object_hash = sipHash64({type:String}, {id:String})
)
LIMIT 1
