SELECT count() FROM credit_shares FINAL WHERE version < {turn:UInt64}
