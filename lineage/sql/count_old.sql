-- Whether a rebuild has left anything that it did not write again: to delete nothing takes as long as to delete something.
SELECT count() FROM {table:Identifier} FINAL WHERE version < {turn:UInt64}
