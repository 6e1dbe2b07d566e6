-- A break is told at once; until the control warns of it (`warn_from`) it may be work on its way and is for information, and
-- it is critical once the books of its period close. The time is the reader's: each level is a row that begins at its instant.
SELECT
    sipHash64(contract_hash, toUInt8(level)) AS subject_hash,
    '' AS root,
    'reconciliation_break' AS kind,
    toString(control) AS subkind,
    'finance_critical' AS class,
    ['info', 'warning', 'critical'][level + 1] AS severity,
    concat('control/', control, '/', contract, '/', currency, '/', period, '/', legal_entity) AS object,
    '' AS process,
    '' AS stage,
    '' AS source,
    toString(legal_entity) AS legal_entity,
    toDecimal64OrNull(toString(worst.1), 4) AS amount,
    toString(currency) AS currency,
    seen_from AS first_seen,
    seen_to AS last_seen,
    seen_from AS clock_start,
    multiIf(level = 0, NULL, level = 1, warn_from, close_from) AS due_at,
    NULL AS resolved_at,
    '' AS resolved_by,
    events AS evidence,
    said AS explanation
FROM (
    SELECT
        row.contract_hash AS contract_hash, row.control AS control, row.contract AS contract, row.currency AS currency,
        row.period AS period, row.legal_entity AS legal_entity,
        max((abs(row.left_amount - row.right_amount), -toInt16(row.side))) AS worst,
        min(row.first_at) AS seen_from, max(row.last_at) AS seen_to, any(row.warn_at) AS warn_from, any(row.close_at) AS close_from,
        arraySlice(arraySort(groupUniqArrayArray(row.evidence)), 1, 20) AS events,
        arrayStringConcat(arraySort(groupArray(concat(
            rule.title, ': ', rule.left_title, ' is ', currency, ' ', toString(row.left_amount), ', ', rule.right_title, ' is ',
            currency, ' ', toString(row.right_amount), ', a difference of ', toString(row.left_amount - row.right_amount), '.'))), ' ') AS said
    FROM (
        SELECT * FROM control_rows FINAL
        WHERE (contract_hash, contract) IN (SELECT contract_hash, contract FROM work_control_contracts) AND NOT deleted AND broken
    ) AS row
    INNER JOIN control_rules AS rule ON rule.control = row.control AND rule.side = row.side
    GROUP BY row.contract_hash, row.control, row.contract, row.currency, row.period, row.legal_entity
)
ARRAY JOIN [0, 1, 2] AS level
-- Without an instant to warn from it is a warning at once; without a calendar it never becomes critical by itself.
WHERE (level = 0 AND warn_from IS NOT NULL) OR level = 1 OR (level = 2 AND close_from IS NOT NULL)
