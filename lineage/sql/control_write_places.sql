INSERT INTO control_places (object_hash, contract_hash, contract, money, currency, legal_entity, period)
SELECT DISTINCT object_hash, contract_hash, contract, money, currency, legal_entity, period FROM work_control_lines
