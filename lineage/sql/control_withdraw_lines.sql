-- Where these objects once counted and count no more.
INSERT INTO control_lines (contract_hash, contract, money, currency, legal_entity, period, object_hash, version, deleted)
SELECT DISTINCT contract_hash, contract, money, currency, legal_entity, period, object_hash, {turn:UInt64}, 1
FROM control_places
WHERE object_hash IN (SELECT arrayJoin([object_hash, class_hash]) FROM work_control_members)
    AND (contract_hash, contract, money, currency, legal_entity, period, object_hash) NOT IN (
        SELECT contract_hash, contract, money, currency, legal_entity, period, object_hash FROM work_control_lines
    )
