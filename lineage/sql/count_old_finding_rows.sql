SELECT count() FROM finding_rows FINAL WHERE version < {turn:UInt64}
