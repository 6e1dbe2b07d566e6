INSERT INTO work_blocks (block_hash)
SELECT DISTINCT other_hash FROM match_keys WHERE key_hash IN (SELECT object_hash FROM work_matchable) AND NOT is_block
