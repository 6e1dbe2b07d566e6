-- What the rebuild did not write again is not so any more.
DELETE FROM object_states WHERE version < {turn:UInt64}
