    agreeing AS MATERIALIZED (
        SELECT * FROM control_rows FINAL
        WHERE (contract_hash, contract) IN (SELECT contract_hash, contract FROM work_control_contracts) AND NOT deleted
    ),
    -- Findings none of whose sides is broken now, with their sides.
    settled AS MATERIALIZED (
        SELECT contract_hash, control, contract, currency, legal_entity, period,
            any(warn_at) AS warn_from, min(first_at) AS seen_from, max(last_at) AS seen_to
        FROM agreeing AS one
        GROUP BY contract_hash, control, contract, currency, legal_entity, period
        HAVING max(broken) = 0
    ),
    homes AS (
        SELECT contract_hash, contract, any(legal_entity) AS home FROM agreeing AS named WHERE with_unnamed GROUP BY contract_hash, contract
    ),
    moved AS (
        SELECT line.contract_hash AS contract_hash, line.contract AS contract, line.currency AS currency, line.money AS money, line.period AS period,
            if(line.legal_entity = '', toString(homes.home), toString(line.legal_entity)) AS entity, move.1 AS at, move.2 AS amount, move.3 AS event_id
        FROM (
            SELECT contract_hash, contract, money, currency, legal_entity, period, moves FROM control_lines FINAL
            WHERE (contract_hash, contract) IN (SELECT contract_hash, contract FROM work_control_contracts) AND NOT deleted
        ) AS line
        LEFT JOIN homes ON homes.contract_hash = line.contract_hash AND homes.contract = line.contract
        ARRAY JOIN line.moves AS move
    ),
    terms AS (
        SELECT control, side, compare, only_known, warn_from, title, left_title, right_title, term.1 AS part, term.2 AS money, term.3 AS kind
        FROM control_rules
        ARRAY JOIN terms AS term
    ),
    -- What either side of a row moved by at each instant.
    told AS (
        SELECT row.contract_hash AS contract_hash, row.control AS control, row.side AS side, row.contract AS contract, row.currency AS currency,
            row.legal_entity AS legal_entity, row.period AS period, moved.at AS at, max(moved.event_id) AS event_id,
            any(terms.compare) AS compare, any(terms.only_known) AS only_known, any(terms.warn_from) AS warns, any(row.tolerance) AS tolerance,
            any(concat(terms.title, ': ', terms.left_title, ' and ', terms.right_title)) AS said,
            sum(multiIf(terms.part = 'left', moved.amount, terms.part = 'left_less', -moved.amount, toDecimal128(0, 4))) AS left_by,
            sum(multiIf(terms.part = 'right', moved.amount, terms.part = 'right_less', -moved.amount, toDecimal128(0, 4))) AS right_by,
            countIf(terms.part = 'right') AS rights
        FROM agreeing AS row
        INNER JOIN settled AS whole ON whole.contract_hash = row.contract_hash AND whole.control = row.control AND whole.contract = row.contract
            AND whole.currency = row.currency AND whole.legal_entity = row.legal_entity AND whole.period = row.period
        INNER JOIN terms ON terms.control = row.control AND terms.side = row.side
        INNER JOIN moved ON moved.contract_hash = row.contract_hash AND moved.contract = row.contract AND moved.currency = row.currency
            AND moved.entity = row.legal_entity AND moved.money = terms.money
        WHERE terms.kind = 'total' OR moved.period = row.period OR (terms.kind != 'movement' AND moved.period < row.period)
        GROUP BY contract_hash, control, side, contract, currency, legal_entity, period, at
    ),
    -- Each stretch of time in which a row was broken: where it began and ended, and the event that ended it.
    stretches AS (
        SELECT contract_hash, control, side, contract, currency, legal_entity, period, warns, said,
            arraySort(groupArray((at, left_by, right_by, rights, event_id))) AS steps,
            any(compare) AS how, any(only_known) AS known_only, any(tolerance) AS slack,
            arrayMap((one, other, known) -> (NOT known_only OR known > 0)
                AND multiIf(how = 'eq', abs(one - other), how = 'le', one - other, other - one) > slack,
                arrayCumSum(steps.2), arrayCumSum(steps.3), arrayCumSum(steps.4)) AS flags,
            arrayMap((one, other) -> abs(one - other), arrayCumSum(steps.2), arrayCumSum(steps.3)) AS gaps,
            arrayFilter((place, flag, before) -> flag AND NOT before, arrayEnumerate(flags), flags, arrayPushFront(arrayPopBack(flags), 0)) AS begins,
            arrayFilter((place, flag, before) -> NOT flag AND before, arrayEnumerate(flags), flags, arrayPushFront(arrayPopBack(flags), 0)) AS ends
        FROM told
        GROUP BY contract_hash, control, side, contract, currency, legal_entity, period, warns, said
        HAVING notEmpty(begins)
    )
