-- What the rebuild did not write again is not so any more.
DELETE FROM hop_values WHERE version < {turn:UInt64}
