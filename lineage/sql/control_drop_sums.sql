-- Lightweight: what a run from zero has not written again goes.
DELETE FROM control_sums WHERE version < {turn:UInt64}
