INSERT INTO work_matchable (object_hash)
SELECT DISTINCT other_hash FROM match_keys WHERE key_hash IN (SELECT block_hash FROM work_blocks) AND is_block
