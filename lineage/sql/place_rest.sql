-- What is on no path is looked at by itself.
INSERT INTO work_places (place, object_hash)
SELECT DISTINCT object_hash, object_hash FROM objects
WHERE object_hash >= {from_hash:UInt64} AND object_hash <= {to_hash:UInt64} AND object_hash NOT IN (
    SELECT object_hash FROM work_places WHERE object_hash >= {from_hash:UInt64} AND object_hash <= {to_hash:UInt64}
)
