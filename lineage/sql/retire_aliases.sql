-- Names that have become aliases of another lose the row they had of their own.
INSERT INTO objects (object_hash, object_type, object_id, version, deleted)
SELECT object_hash, object_type, object_id, {turn:UInt64}, 1
FROM work_members
WHERE object_hash != class_hash
