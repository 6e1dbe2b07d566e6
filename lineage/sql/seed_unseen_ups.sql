-- For a rebuild: what is only ever linked to and has no event of its own.
INSERT INTO work_seeds (object_hash, object_type, object_id)
SELECT DISTINCT up_hash, up_type, up_id
FROM links_up
WHERE version >= {turn:UInt64} AND up_hash NOT IN (SELECT object_hash FROM objects WHERE version >= {turn:UInt64})
