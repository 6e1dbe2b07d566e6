INSERT INTO work_roots (process, root_hash, root_type, root_id, tail_hash, downs, corrections, grades)
SELECT process, root_hash, root_type, root_id, tail_hash, downs, corrections, grades
FROM work_root_queue
WHERE place >= {from_hash:UInt64} AND place <= {to_hash:UInt64}
