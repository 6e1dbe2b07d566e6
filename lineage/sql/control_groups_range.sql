INSERT INTO work_control_groups (contract_hash, contract, money, currency, legal_entity, period)
SELECT DISTINCT contract_hash, contract, money, currency, legal_entity, period
FROM control_lines
WHERE contract_hash >= {from_hash:UInt64} AND contract_hash <= {to_hash:UInt64}
