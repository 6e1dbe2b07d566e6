INSERT INTO work_ancestors (depth, object_hash, object_type, object_id)
SELECT {depth:UInt32} + 1, up, any(up_type), any(id)
FROM (
    SELECT if(class.class_hash = 0, link.up_hash, class.class_hash) AS up, link.up_type AS up_type,
        if(class.class_hash = 0, link.up_id, class.class_id) AS id
    FROM (
        SELECT up_hash, up_type, up_id FROM links_up
        WHERE down_hash IN (SELECT object_hash FROM work_ancestors WHERE depth = {depth:UInt32})
    ) AS link
    LEFT JOIN (
        SELECT object_hash, class_hash, class_id FROM alias_classes FINAL
        WHERE object_hash IN (
            SELECT up_hash FROM links_up WHERE down_hash IN (SELECT object_hash FROM work_ancestors WHERE depth = {depth:UInt32})
        )
    ) AS class ON class.object_hash = link.up_hash
)
WHERE up NOT IN (SELECT object_hash FROM work_ancestors)
GROUP BY up
