-- Every sum that these objects are or ever were in.
INSERT INTO work_control_groups (contract_hash, contract, money, currency, legal_entity, period)
SELECT DISTINCT contract_hash, contract, money, currency, legal_entity, period
FROM control_places
WHERE object_hash IN (SELECT arrayJoin([object_hash, class_hash]) FROM work_control_members)
