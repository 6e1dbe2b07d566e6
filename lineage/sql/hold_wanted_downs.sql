SELECT object_hash AS up_hash, '' AS process, toUInt64(0) AS down_hash, '' AS down_type, toUInt8(0) AS reverses FROM wanted
WHERE object_hash NOT IN (SELECT up_hash FROM work_downs)
UNION ALL
SELECT up_hash, process, down_hash, down_type, reverses
FROM links_down
WHERE up_hash IN (SELECT object_hash FROM wanted WHERE object_hash NOT IN (SELECT up_hash FROM work_downs))
