-- A group that no line is left in is withdrawn. Its evidence is its newest events.
INSERT INTO control_sums (contract_hash, contract, money, currency, legal_entity, period, amount, objects, first_at, last_at, evidence, version, deleted)
SELECT
    contract_hash, contract, money, currency, legal_entity, period,
    sumIf(amount, NOT deleted), countIf(NOT deleted) AS standing, minIf(occurred_at, NOT deleted), maxIf(occurred_at, NOT deleted),
    arrayMap(one -> one.2, groupArraySortedIf(5)((-toUnixTimestamp64Micro(occurred_at), event_id), NOT deleted)),
    {turn:UInt64}, standing = 0
FROM control_lines FINAL
WHERE (contract_hash, contract, money, currency, legal_entity, period) IN (
    SELECT contract_hash, contract, money, currency, legal_entity, period FROM work_control_groups
)
GROUP BY contract_hash, contract, money, currency, legal_entity, period
