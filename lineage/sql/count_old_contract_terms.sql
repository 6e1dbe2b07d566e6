SELECT count() FROM contract_terms FINAL WHERE version < {turn:UInt64}
