INSERT INTO {copy:Identifier}.events
SELECT * FROM events
WHERE object_hash >= {from_hash:UInt64} AND object_hash <= {to_hash:UInt64} AND batch <= {batch:UInt64} AND admitted_at <= {at:DateTime64(6, 'UTC')}
