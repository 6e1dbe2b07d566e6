SELECT count() FROM paths FINAL WHERE version < {turn:UInt64}
