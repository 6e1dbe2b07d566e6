-- What the rebuild did not write again is not so any more.
DELETE FROM credit_shares WHERE version < {turn:UInt64}
