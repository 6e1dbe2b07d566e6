-- Roots that no process takes any more.
INSERT INTO paths (root_hash, root_type, root_id, version, deleted)
SELECT root_hash, root_type, root_id, {turn:UInt64}, 1
FROM work_roots
WHERE root_hash IN (SELECT root_hash FROM paths WHERE root_hash IN (SELECT root_hash FROM work_roots))
    AND root_hash NOT IN (SELECT root_hash FROM work_paths)
