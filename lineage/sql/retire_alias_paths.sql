INSERT INTO paths (root_hash, root_type, root_id, version, deleted)
SELECT object_hash, object_type, object_id, {turn:UInt64}, 1
FROM work_members
WHERE object_hash != class_hash AND object_hash IN (SELECT root_hash FROM paths WHERE root_hash IN (SELECT object_hash FROM work_members))
