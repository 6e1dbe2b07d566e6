-- What the rebuild did not write again is not so any more.
DELETE FROM links_up WHERE version < {turn:UInt64}
