INSERT INTO work_control_contracts (contract_hash, contract)
SELECT DISTINCT contract_hash, contract
FROM control_sums
WHERE contract_hash >= {from_hash:UInt64} AND contract_hash <= {to_hash:UInt64}
