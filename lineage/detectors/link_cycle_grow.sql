INSERT INTO work_rings (depth, start, node, downward)
WITH
    ends AS MATERIALIZED (SELECT DISTINCT start, node, downward FROM work_rings WHERE depth = {depth:UInt32}),
    links AS MATERIALIZED (
        SELECT DISTINCT up.2 AS up_hash, object_hash AS down_hash
        FROM (
            SELECT object_hash, ups FROM objects FINAL
            WHERE NOT deleted AND object_hash IN (
                SELECT node FROM ends WHERE NOT downward
                UNION DISTINCT
                SELECT down_hash FROM links_down WHERE up_hash IN (SELECT node FROM ends WHERE downward)
            )
        )
        ARRAY JOIN ups AS up
        WHERE up.1 = '' AND up.4 = 'from' AND up.2 != object_hash
    )
SELECT DISTINCT {depth:UInt32} + 1, start, next, downward
FROM (
    SELECT ends.start AS start, links.down_hash AS next, ends.downward AS downward
    FROM ends INNER JOIN links ON links.up_hash = ends.node
    WHERE ends.downward
    UNION ALL
    SELECT ends.start AS start, links.up_hash AS next, ends.downward AS downward
    FROM ends INNER JOIN links ON links.down_hash = ends.node
    WHERE NOT ends.downward
)
WHERE (start, next, downward) NOT IN (SELECT start, node, downward FROM work_rings)
