-- A break is told at once; until the control warns of it (`warn_from`) it may be work on its way and is for information, and
-- it is critical once the books of its period close. The time is the reader's: each level is a row that begins at its instant.
-- What runs up (a balance, all so far) carries a break from period to period: that is one finding, named after the period it began in,
-- which has the amount of the newest period that its control warns of by then, each a row that begins at its instant (12 at most).
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
    ['info', 'warning', 'critical'][if(level > 3, 1, level) + 1] AS severity,
    concat('control/', control, '/', contract, '/', currency, '/', began, '/', legal_entity) AS object,
    '' AS process,
    '' AS stage,
    '' AS source,
    toString(legal_entity) AS legal_entity,
    toDecimal64OrNull(toString(worst.1), 4) AS amount,
    toString(currency) AS currency,
    seen_from AS first_seen,
    seen_to AS last_seen,
    seen_from AS clock_start,
    multiIf(level = 0, NULL, level = 2, close_from, warn_from) AS due_at,
    NULL AS resolved_at,
    '' AS resolved_by,
    events AS evidence,
    said AS explanation
FROM (
    SELECT contract_hash, control, contract, currency, legal_entity, period, worst, events, warn_from,
        first_value(period) OVER so_far AS began, first_value(close_from) OVER so_far AS close_from,
        min(seen_from) OVER so_far AS seen_from, max(seen_to) OVER so_far AS seen_to,
        row_number() OVER so_far AS place, count() OVER whole AS places, max(warn_from) OVER whole IS NULL AS at_once,
        if(carries, concat('At the end of ', period, ' ', arrayStringConcat(words, '; '), if(began = period, '', concat(' It began in ', began, '.'))),
            arrayStringConcat(arrayMap(one -> concat(upper(substringUTF8(one, 1, 1)), substringUTF8(one, 2)), words), ' ')) AS said,
        -- What is told of the period the break began in, then of each of the newest; where a control warns at once of the newest alone.
        multiIf(at_once, if(place = places, [1, 2], []), place = 1, [0, 1, 2], places - place < 12, [4 + places - place], []) AS levels
    FROM (
        SELECT *, if(carries, countIf(NOT is_broken) OVER (
            PARTITION BY contract_hash, control, contract, currency, legal_entity ORDER BY period ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ), cityHash64(period)) AS run
        FROM (
            SELECT
                row.contract_hash AS contract_hash, row.control AS control, row.contract AS contract, row.currency AS currency,
                toString(row.period) AS period, row.legal_entity AS legal_entity, max(row.broken) AS is_broken,
                any(arrayExists(term -> term.3 IN ('cumulative', 'balance'), rule.terms)) AS carries,
                maxIf((abs(row.left_amount - row.right_amount), -toInt16(row.side)), row.broken) AS worst,
                minIf(row.first_at, row.broken) AS seen_from, maxIf(row.last_at, row.broken) AS seen_to,
                any(row.warn_at) AS warn_from, any(row.close_at) AS close_from,
                arraySlice(arraySort(groupUniqArrayArrayIf(row.evidence, row.broken)), 1, 20) AS events,
                arraySort(groupArrayIf(concat(
                    rule.left_title, ' is ', money_words(row.left_amount, toString(row.currency)), ', ',
                    rule.right_title, ' is ', money_words(row.right_amount, toString(row.currency)),
                    multiIf(rule.compare = 'eq', ': they should agree, and differ by ', rule.compare = 'le', ': the first should not be above the second, and is by ',
                        ': the first should not be below the second, and is by '),
                    money_words(abs(row.left_amount - row.right_amount), toString(row.currency)), '.'), row.broken)) AS words
            FROM agreeing AS row
            INNER JOIN control_rules AS rule ON rule.control = row.control AND rule.side = row.side
            GROUP BY row.contract_hash, row.control, row.contract, row.currency, row.period, row.legal_entity
        )
    )
    WHERE is_broken
    WINDOW
        so_far AS (PARTITION BY contract_hash, control, contract, currency, legal_entity, run ORDER BY period ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
        whole AS (PARTITION BY contract_hash, control, contract, currency, legal_entity, run)
)
ARRAY JOIN levels AS level
-- Without an instant to warn from it is a warning at once; without a calendar it never becomes critical by itself.
WHERE (level = 0 AND warn_from IS NOT NULL) OR level = 1 OR (level = 2 AND close_from IS NOT NULL) OR level > 3
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
    -- Periods of one break that one event ended are over together.
    SELECT contract_hash, control, contract, currency, legal_entity, min(told.period) AS period, min(told.first_at) AS first_at,
        max(told.newest_at) AS newest_at, argMin(told.warned_from, told.period) AS warned_from, argMax(told.final, told.period) AS last
    FROM (
        SELECT stretch.contract_hash AS contract_hash, stretch.control AS control, stretch.contract AS contract, stretch.currency AS currency,
            stretch.period AS period, stretch.legal_entity AS legal_entity, any(whole.seen_from) AS first_at, any(whole.seen_to) AS newest_at,
            any(whole.warn_from) AS warned_from,
            max((steps[over].1, steps[over].5, gaps[over - 1], names)) AS final
        FROM (SELECT *, begun, over FROM stretches ARRAY JOIN begins AS begun, ends AS over) AS stretch
        INNER JOIN settled AS whole ON whole.contract_hash = stretch.contract_hash AND whole.control = stretch.control AND whole.contract = stretch.contract
            AND whole.currency = stretch.currency AND whole.legal_entity = stretch.legal_entity AND whole.period = stretch.period
        WHERE if(whole.warn_from IS NULL, dateDiff('second', steps[begun].1, steps[over].1) > {grace_seconds:UInt32}, steps[over].1 > whole.warn_from)
        GROUP BY contract_hash, control, contract, currency, period, legal_entity
    ) AS told
    GROUP BY contract_hash, control, contract, currency, legal_entity, told.final.1, told.final.2, if(told.control IN (
        SELECT control FROM control_rules WHERE arrayExists(term -> term.3 IN ('cumulative', 'balance'), terms)), '', told.period)
)
