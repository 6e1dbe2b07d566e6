INSERT INTO work_blocks (block_hash)
SELECT DISTINCT key_hash FROM match_keys WHERE key_hash >= {from_hash:UInt64} AND key_hash <= {to_hash:UInt64} AND is_block
