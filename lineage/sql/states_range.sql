INSERT INTO work_states (object_hash)
SELECT DISTINCT object_hash FROM objects
WHERE object_hash >= {from_hash:UInt64} AND object_hash <= {to_hash:UInt64}
