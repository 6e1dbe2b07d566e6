-- What others take something off, on the paths of the slice, now or before: everybody who bears it may bear another share.
INSERT INTO work_credited (object_hash)
SELECT object_hash FROM taken_objects
WHERE object_hash IN (SELECT object_hash FROM work_nodes) OR object_hash IN (SELECT root_hash FROM work_roots)
UNION DISTINCT
SELECT target_hash FROM credit_shares WHERE root_hash IN (SELECT root_hash FROM work_roots)
