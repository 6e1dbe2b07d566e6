-- The epoch when the ledger is empty.
SELECT max(changed_at) FROM schema_ledger
