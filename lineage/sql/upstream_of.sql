-- What objects were made from; nothing is told of those that were made from nothing.
SELECT object_hash, arrayDistinct(arrayMap(up -> up.2, ups)) AS up_hashes
FROM objects FINAL
WHERE object_hash IN {hashes:Array(UInt64)} AND NOT deleted AND notEmpty(ups)
