-- What the revenue event bears of what memos take off the objects of its path.
SELECT memo_key AS memo, target_key AS object, amount
FROM credit_shares FINAL
WHERE root_hash = {root:UInt64} AND NOT deleted
ORDER BY memo, object
