INSERT INTO work_states (object_hash)
SELECT object_hash FROM work_places
WHERE place >= {from_place:UInt64} AND place <= {to_place:UInt64} AND object_hash >= {from_hash:UInt64} AND object_hash <= {to_hash:UInt64}
