-- What the rebuild did not write again is not so any more.
DELETE FROM tails WHERE version < {turn:UInt64}
