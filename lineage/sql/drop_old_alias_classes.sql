-- What the rebuild did not write again is not so any more.
DELETE FROM alias_classes WHERE version < {turn:UInt64}
