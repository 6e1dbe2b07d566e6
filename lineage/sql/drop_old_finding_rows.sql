-- What the rebuild did not write again is not so any more.
DELETE FROM finding_rows WHERE version < {turn:UInt64}
