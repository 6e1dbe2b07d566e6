-- Rows of the touched contracts that were not written again.
INSERT INTO control_rows (contract_hash, control, side, contract, currency, legal_entity, period, version, deleted)
SELECT contract_hash, control, side, contract, currency, legal_entity, period, {turn:UInt64}, 1
FROM control_rows FINAL
WHERE (contract_hash, contract) IN (SELECT contract_hash, contract FROM work_control_contracts) AND version < {turn:UInt64} AND NOT deleted
