-- The seeds with their classes; a class comes with all its names, since the seeds hold them all. Whatever was said of an object in a
-- turn before has left a row of it, unless that turn was killed or the row was lost.
INSERT INTO work_members (object_hash, class_hash, object_type, object_id, class_id, known)
SELECT
    seed.object_hash,
    if(class.class_hash = 0, seed.object_hash, class.class_hash),
    seed.object_type,
    seed.object_id,
    if(class.class_hash = 0, seed.object_id, class.class_id),
    {known_all:UInt8} OR class.class_hash != 0 OR seed.object_hash IN (
        SELECT object_hash FROM objects WHERE NOT {known_all:UInt8} AND object_hash IN (SELECT object_hash FROM work_seeds)
    )
FROM (SELECT object_hash, any(object_type) AS object_type, any(object_id) AS object_id FROM work_seeds GROUP BY object_hash) AS seed
LEFT JOIN (
    SELECT object_hash, class_hash, class_id FROM alias_classes FINAL
    WHERE object_hash IN (SELECT object_hash FROM work_seeds)
) AS class ON class.object_hash = seed.object_hash
