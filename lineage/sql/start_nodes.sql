INSERT INTO work_nodes (depth, process, object_hash)
SELECT 0, process, root_hash FROM work_roots WHERE process != ''
