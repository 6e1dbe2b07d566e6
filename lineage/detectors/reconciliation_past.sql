    agreeing AS MATERIALIZED (
        SELECT * FROM control_rows FINAL
        WHERE (contract_hash, contract) IN (SELECT contract_hash, contract FROM work_control_contracts) AND NOT deleted
    ),
    homes AS (
        SELECT contract_hash, contract, any(legal_entity) AS home FROM agreeing AS named WHERE with_unnamed GROUP BY contract_hash, contract
    ),
    moved AS MATERIALIZED (
        SELECT line.contract_hash AS contract_hash, line.contract AS contract, toString(line.currency) AS currency, line.money AS money,
            toString(line.period) AS period, if(line.legal_entity = '', toString(homes.home), toString(line.legal_entity)) AS entity,
            move.1 AS at, move.2 AS amount, move.3 AS event_id
        FROM (
            SELECT contract_hash, contract, money, currency, legal_entity, period, moves FROM control_lines FINAL
            WHERE (contract_hash, contract) IN (SELECT contract_hash, contract FROM work_control_contracts) AND NOT deleted
        ) AS line
        LEFT JOIN homes ON homes.contract_hash = line.contract_hash AND homes.contract = line.contract
        ARRAY JOIN line.moves AS move
    ),
    -- When money last moved up to a period, and at all.
    last_moves AS (
        SELECT contract_hash, contract, currency, entity, period,
            max(last_at) OVER (PARTITION BY contract_hash, contract, currency, entity ORDER BY period ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS so_far,
            max(last_at) OVER (PARTITION BY contract_hash, contract, currency, entity) AS ever
        FROM (
            SELECT contract_hash, contract, currency, entity, period, max(at) AS last_at FROM moved AS one
            GROUP BY contract_hash, contract, currency, entity, period
        )
    ),
    -- Findings none of whose sides is broken now, where money moved since the control warns.
    settled AS MATERIALIZED (
        SELECT row.contract_hash AS contract_hash, row.control AS control, row.contract AS contract, toString(row.currency) AS currency,
            toString(row.legal_entity) AS legal_entity, toString(row.period) AS period, any(row.warn_at) AS warn_from, min(row.first_at) AS seen_from,
            max(row.last_at) AS seen_to
        FROM agreeing AS row
        LEFT JOIN last_moves AS move ON move.contract_hash = row.contract_hash AND move.contract = row.contract AND move.currency = row.currency
            AND move.entity = row.legal_entity AND move.period = row.period
        GROUP BY contract_hash, control, contract, currency, legal_entity, period
        HAVING max(row.broken) = 0 AND (warn_from IS NULL OR warn_from < max(if(row.control IN (
            SELECT control FROM control_rules WHERE arrayExists(term -> term.3 = 'total', terms)), move.ever, move.so_far)))
    ),
    terms AS (
        SELECT control, side, compare, only_known, title, left_title, right_title, term.1 AS part, term.2 AS money, term.3 AS kind
        FROM control_rules
        ARRAY JOIN terms AS term
    ),
    asked AS (
        SELECT whole.contract_hash AS contract_hash, whole.control AS control, whole.contract AS contract, whole.currency AS currency,
            whole.legal_entity AS legal_entity, whole.period AS period, ifNull(whole.warn_from, whole.seen_from) AS begins_at,
            row.side AS side, row.tolerance AS tolerance
        FROM settled AS whole
        INNER JOIN agreeing AS row ON whole.contract_hash = row.contract_hash AND whole.control = row.control AND whole.contract = row.contract
            AND whole.currency = row.currency AND whole.legal_entity = row.legal_entity AND whole.period = row.period
    ),
    -- What either side of a row moved by at each instant; what was before it matters is one step.
    told AS (
        SELECT asked.contract_hash AS contract_hash, asked.control AS control, asked.side AS side, asked.contract AS contract,
            asked.currency AS currency, asked.legal_entity AS legal_entity, asked.period AS period, greatest(moved.at, asked.begins_at) AS at,
            max((moved.at, moved.event_id)).2 AS event_id, any(terms.compare) AS compare, any(terms.only_known) AS only_known,
            any(asked.tolerance) AS tolerance, any(concat(terms.title, ': ', terms.left_title, ' and ', terms.right_title)) AS said,
            sum(multiIf(terms.part = 'left', moved.amount, terms.part = 'left_less', -moved.amount, toDecimal128(0, 4))) AS left_by,
            sum(multiIf(terms.part = 'right', moved.amount, terms.part = 'right_less', -moved.amount, toDecimal128(0, 4))) AS right_by,
            countIf(terms.part = 'right') AS rights
        FROM asked
        INNER JOIN terms ON terms.control = asked.control AND terms.side = asked.side
        INNER JOIN moved AS moved ON moved.contract_hash = asked.contract_hash AND moved.contract = asked.contract AND moved.currency = asked.currency
            AND moved.entity = asked.legal_entity AND moved.money = terms.money
        WHERE terms.kind = 'total' OR moved.period = asked.period OR (terms.kind != 'movement' AND moved.period < asked.period)
        GROUP BY contract_hash, control, side, contract, currency, legal_entity, period, at
    ),
    -- Each stretch of time in which a row was broken: where it began and ended.
    stretches AS (
        SELECT contract_hash, control, side, contract, currency, legal_entity, period, any(said) AS names,
            arraySort(groupArray((at, left_by, right_by, rights, event_id))) AS steps,
            any(compare) AS how, any(only_known) AS known_only, any(tolerance) AS slack,
            arrayMap((one, other, known) -> (NOT known_only OR known > 0)
                AND multiIf(how = 'eq', abs(one - other), how = 'le', one - other, other - one) > slack,
                arrayCumSum(steps.2), arrayCumSum(steps.3), arrayCumSum(steps.4)) AS flags,
            arrayMap((one, other) -> abs(one - other), arrayCumSum(steps.2), arrayCumSum(steps.3)) AS gaps,
            arrayFilter((place, flag, before) -> flag AND NOT before, arrayEnumerate(flags), flags, arrayPushFront(arrayPopBack(flags), 0)) AS begins,
            arrayFilter((place, flag, before) -> NOT flag AND before, arrayEnumerate(flags), flags, arrayPushFront(arrayPopBack(flags), 0)) AS ends
        FROM told
        GROUP BY contract_hash, control, side, contract, currency, legal_entity, period
        HAVING notEmpty(begins)
    )
