-- The objects that an object was made from.
SELECT DISTINCT arrayJoin(ups).3 AS up FROM objects FINAL WHERE object_hash = {class:UInt64} AND NOT deleted ORDER BY up LIMIT {limit:UInt64}
