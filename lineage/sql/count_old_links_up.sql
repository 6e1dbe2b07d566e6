SELECT count() FROM links_up FINAL WHERE version < {turn:UInt64}
