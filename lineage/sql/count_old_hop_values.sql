SELECT count() FROM hop_values FINAL WHERE version < {turn:UInt64}
