-- What the rebuild did not write again is not so any more.
DELETE FROM objects WHERE version < {turn:UInt64}
