SELECT count() FROM links_down FINAL WHERE version < {turn:UInt64}
