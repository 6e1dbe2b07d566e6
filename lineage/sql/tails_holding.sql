-- Which of these tails have any of these objects behind their revenue events.
SELECT tail_hash
FROM tails FINAL
WHERE tail_hash IN {tails:Array(UInt64)} AND hasAny(object_hashes, {objects:Array(UInt64)})
