INSERT INTO control_lines (contract_hash, contract, money, currency, legal_entity, period, object_hash, object, amount, occurred_at, event_id, version, deleted)
SELECT contract_hash, contract, money, currency, legal_entity, period, object_hash, object, amount, occurred_at, event_id, {turn:UInt64}, 0 FROM work_control_lines
