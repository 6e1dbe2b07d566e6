SELECT count() FROM alias_classes FINAL WHERE version < {turn:UInt64}
