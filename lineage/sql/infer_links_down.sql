INSERT INTO links_down (up_hash, process, down_hash, down_type, grade, reverses, corrects, version, deleted)
SELECT up_hash, '', down_hash, down_type, if(is_now, 1, 0), 0, 0, {turn:UInt64}, NOT is_now
FROM (
    SELECT up_hash, down_hash, any(its_type) AS down_type, max(is_new) AS is_now
    FROM (
        SELECT arrayFirst(up -> up.5 = 1, ups).2 AS up_hash, object_hash AS down_hash, toString(object_type) AS its_type, 0 AS is_new
        FROM objects FINAL
        WHERE object_hash IN (SELECT object_hash FROM work_rematched) AND NOT deleted AND arrayExists(up -> up.5 = 1, ups)
        UNION ALL
        SELECT now.up_hash, now.down_hash, own.its_type, 1
        FROM (SELECT up_hash, down_hash FROM work_matches WHERE down_hash IN (SELECT object_hash FROM work_rematched)) AS now
        INNER JOIN (
            SELECT object_hash, toString(object_type) AS its_type FROM objects FINAL
            WHERE object_hash IN (SELECT object_hash FROM work_rematched) AND NOT deleted
        ) AS own ON own.object_hash = now.down_hash
    )
    GROUP BY up_hash, down_hash
)
