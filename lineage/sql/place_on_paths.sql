-- Beside whom the objects on the paths of the slice are looked at: revenue events that end in the same object, and all between them
-- and it. Whoever has a place keeps it.
INSERT INTO work_places (place, object_hash)
WITH
    tails AS MATERIALIZED (
        SELECT tail_hash, object_hashes, arrayMin(arrayMap((depth, object) -> (-toInt64(depth), object), depths, object_hashes)).2 AS last_hash
        FROM work_ends
        WHERE tail_hash != 0
    ),
    here AS MATERIALIZED (
        SELECT object_hash, min(place) AS place
        FROM (
            SELECT arrayJoin(object_hashes) AS object_hash, last_hash AS place FROM tails
            UNION ALL
            SELECT root.root_hash, if(root.tail_hash = 0, root.root_hash, tail.last_hash)
            FROM work_roots AS root
            LEFT JOIN (SELECT tail_hash, last_hash FROM tails) AS tail ON tail.tail_hash = root.tail_hash
        )
        GROUP BY object_hash
    )
SELECT place, object_hash FROM here
WHERE object_hash NOT IN (SELECT object_hash FROM work_places WHERE object_hash IN (SELECT object_hash FROM here))
