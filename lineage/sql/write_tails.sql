INSERT INTO tails (tail_hash, version, object_hashes, object_keys, grades, vias, depths, reverseds, corrections)
SELECT tail_hash, {turn:UInt64}, object_hashes, object_keys, grades, vias, depths, reverseds, corrections FROM work_ends WHERE tail_hash != 0
