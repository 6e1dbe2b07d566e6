-- For a rebuild: every object that has events, within a range of hashes.
INSERT INTO work_seeds (object_hash, object_type, object_id)
SELECT object_hash, any(object_type), any(object_id)
FROM events
WHERE object_hash >= {from_hash:UInt64} AND object_hash <= {to_hash:UInt64}
GROUP BY object_hash
