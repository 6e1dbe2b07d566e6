INSERT INTO work_roots (process, root_hash, root_type, root_id)
SELECT process, root_hash, root_type, root_id FROM work_root_queue WHERE slice = {slice:UInt32}
