-- A break is told at once; until the control warns of it (`warn_from`) it may be work on its way and is for information, and
-- it is critical once the books of its period close. The time is the reader's: each level is a row that begins at its instant.
-- When both sides agree again it stays as resolved by the event that brought the balance back, if it was a warning: if it stood when
-- the control warned of it, or since; where a control warns at once, if it stood for longer than a reference may take to follow.
WITH
{{money_words}},
{{reconciliation_past}}
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
            upper(substringUTF8(rule.left_title, 1, 1)), substringUTF8(rule.left_title, 2), ' is ', money_words(row.left_amount, toString(row.currency)), ', ',
            rule.right_title, ' is ', money_words(row.right_amount, toString(row.currency)),
            multiIf(rule.compare = 'eq', ': they should agree, and differ by ', rule.compare = 'le', ': the first should not be above the second, and is by ',
                ': the first should not be below the second, and is by '),
            money_words(abs(row.left_amount - row.right_amount), toString(row.currency)), '.'))), ' ') AS said
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
UNION ALL
SELECT
    sipHash64(contract_hash, toUInt8(3)) AS subject_hash,
    '' AS root,
    'reconciliation_break' AS kind,
    toString(control) AS subkind,
    'finance_critical' AS class,
    'info' AS severity,
    concat('control/', control, '/', contract, '/', currency, '/', period, '/', legal_entity) AS object,
    '' AS process,
    '' AS stage,
    '' AS source,
    toString(legal_entity) AS legal_entity,
    toDecimal64OrNull(toString(last.3), 4) AS amount,
    toString(currency) AS currency,
    first_at AS first_seen,
    greatest(newest_at, last.1) AS last_seen,
    first_at AS clock_start,
    warned_from AS due_at,
    toNullable(last.1) AS resolved_at,
    concat('event ', last.2) AS resolved_by,
    [last.2] AS evidence,
    concat(last.4, ' differed by ', money_words(last.3, toString(currency)), ', and agree since ', formatDateTime(last.1, '%Y-%m-%d %H:%i'), ' UTC.') AS explanation
FROM (
    SELECT stretch.contract_hash AS contract_hash, stretch.control AS control, stretch.contract AS contract, stretch.currency AS currency,
        stretch.period AS period, stretch.legal_entity AS legal_entity, any(whole.seen_from) AS first_at, any(whole.seen_to) AS newest_at,
        any(whole.warn_from) AS warned_from,
        max((steps[over].1, steps[over].5, gaps[over - 1], names)) AS last
    FROM (SELECT *, begun, over FROM stretches ARRAY JOIN begins AS begun, ends AS over) AS stretch
    INNER JOIN settled AS whole ON whole.contract_hash = stretch.contract_hash AND whole.control = stretch.control AND whole.contract = stretch.contract
        AND whole.currency = stretch.currency AND whole.legal_entity = stretch.legal_entity AND whole.period = stretch.period
    WHERE if(whole.warn_from IS NULL, dateDiff('second', steps[begun].1, steps[over].1) > {grace_seconds:UInt32}, steps[over].1 > whole.warn_from)
    GROUP BY contract_hash, control, contract, currency, period, legal_entity
)
