-- Lightweight: what a run from zero has not written again goes.
DELETE FROM control_rows WHERE version < {turn:UInt64}
