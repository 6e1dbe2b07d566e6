INSERT INTO work_control_contracts (contract_hash, contract)
SELECT DISTINCT contract_hash, contract FROM work_control_groups
