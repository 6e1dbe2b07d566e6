SELECT DISTINCT arrayJoin(ups).2 AS up_hash
FROM objects FINAL
WHERE object_hash IN {hashes:Array(UInt64)} AND NOT deleted
