SELECT count() FROM objects FINAL WHERE version < {turn:UInt64}
