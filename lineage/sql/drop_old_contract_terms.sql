-- What the rebuild did not write again is not so any more.
DELETE FROM contract_terms WHERE version < {turn:UInt64}
