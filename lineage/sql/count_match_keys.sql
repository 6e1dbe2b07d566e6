SELECT uniq(key_hash) FROM match_keys WHERE is_block
