-- Who bore something of what is taken off these objects, and does no more.
INSERT INTO credit_shares (root_hash, target_hash, memo_hash, memo_key, target_key, amount, version, deleted)
SELECT root_hash, target_hash, memo_hash, memo_key, target_key, amount, {turn:UInt64}, 1
FROM credit_shares FINAL
WHERE target_hash >= {from_hash:UInt64} AND target_hash <= {to_hash:UInt64} AND target_hash IN (SELECT object_hash FROM work_credited)
    AND version < {turn:UInt64} AND NOT deleted
