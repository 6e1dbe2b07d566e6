SELECT count() FROM object_states FINAL WHERE version < {turn:UInt64}
