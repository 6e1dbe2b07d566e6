-- The lower ends of asserted links that lead from a type to the same or an earlier one, among the touched objects and all that
-- they hang on: whatever order types have, a ring holds such a link.
INSERT INTO work_rings (depth, start, node, downward)
WITH
    touched AS (
        SELECT object_hash FROM work_ancestors
        UNION DISTINCT
        SELECT object_hash FROM work_states
    ),
    places AS MATERIALIZED (
        SELECT toString(object_type) AS object_type, max(type_place) AS place FROM process_stages GROUP BY object_type
    )
SELECT DISTINCT 0, down_hash, down_hash, arrayJoin([0, 1])
FROM (
    SELECT object_hash AS down_hash, toString(object_type) AS down_type, splitByChar('/', up.3)[1] AS up_type
    FROM (
        SELECT object_hash, object_type, ups FROM work_near
        WHERE object_hash IN (SELECT object_hash FROM touched) AND notEmpty(ups)
    )
    ARRAY JOIN ups AS up
    WHERE up.1 = '' AND up.4 = 'from' AND up.2 != object_hash
) AS link
LEFT JOIN places AS down_place ON down_place.object_type = link.down_type
LEFT JOIN places AS up_place ON up_place.object_type = link.up_type
WHERE (up_place.place, link.up_type) >= (down_place.place, link.down_type)
