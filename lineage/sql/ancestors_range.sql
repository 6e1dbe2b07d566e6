INSERT INTO work_ancestors (depth, object_hash, object_type, object_id)
SELECT 0, object_hash, object_type, object_id
FROM objects FINAL
WHERE object_hash >= {from_hash:UInt64} AND object_hash <= {to_hash:UInt64}
    AND NOT deleted AND object_type IN (SELECT root_type FROM process_stages)
