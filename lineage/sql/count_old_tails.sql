SELECT count() FROM tails FINAL WHERE version < {turn:UInt64}
