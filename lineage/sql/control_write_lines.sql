INSERT INTO control_lines (
    contract_hash, contract, money, currency, legal_entity, period, object_hash, object, amount, occurred_at, event_id, moves, version, deleted
)
SELECT contract_hash, contract, money, currency, legal_entity, period, object_hash, object, amount, occurred_at, event_id, moves, {turn:UInt64}, 0
FROM work_control_lines
