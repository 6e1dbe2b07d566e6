-- The rows of the touched contracts, all of them anew from the sums: what a period stands at hangs on those before it.
INSERT INTO control_rows (
    contract_hash, control, side, contract, currency, legal_entity, period, left_amount, right_amount, tolerance, broken, opening, added,
    taken, left_objects, right_objects, with_unnamed, first_at, last_at, warn_at, close_at, evidence, version, deleted
)
WITH
    sums AS MATERIALIZED (
        SELECT * FROM control_sums FINAL
        WHERE (contract_hash, contract) IN (SELECT contract_hash, contract FROM work_control_contracts) AND NOT deleted
    ),
    -- Money that names no legal entity belongs to the only one of its contract.
    homes AS (
        SELECT contract_hash, contract, if(contract = '', '', groupUniqArrayIf(legal_entity, legal_entity != '')[1]) AS home
        FROM sums
        GROUP BY contract_hash, contract
        HAVING uniqExactIf(legal_entity, legal_entity != '') = 1
    ),
    terms AS MATERIALIZED (
        SELECT control, side, term.1 AS part, term.2 AS money FROM control_rules ARRAY JOIN terms AS term
    ),
    moved AS (
        SELECT terms.control AS control, terms.side AS side, sums.contract_hash AS contract_hash, sums.contract AS contract,
            sums.currency AS currency, if(sums.legal_entity = '', homes.home, toString(sums.legal_entity)) AS entity, sums.period AS period,
            max(sums.legal_entity = '' AND homes.home != '') AS unnamed,
            sumIf(sums.amount, terms.part = 'left') AS left_plus, sumIf(sums.amount, terms.part = 'left_less') AS left_less,
            sumIf(sums.amount, terms.part = 'right') AS right_plus, sumIf(sums.amount, terms.part = 'right_less') AS right_less,
            sumIf(sums.objects, startsWith(terms.part, 'left')) AS lefts, sumIf(sums.objects, startsWith(terms.part, 'right')) AS rights,
            min(sums.first_at) AS first_at, max(sums.last_at) AS last_at, arraySlice(arraySort(groupUniqArrayArray(sums.evidence)), 1, 20) AS evidence
        FROM sums
        INNER JOIN terms ON terms.money = sums.money
        LEFT JOIN homes ON homes.contract_hash = sums.contract_hash AND homes.contract = sums.contract
        GROUP BY control, side, contract_hash, contract, currency, entity, period
    ),
    stood AS (
        SELECT *,
            sum(left_plus) OVER so_far AS left_plus_so_far, sum(left_plus) OVER ever AS left_plus_ever,
            sum(left_less) OVER so_far AS left_less_so_far, sum(left_less) OVER ever AS left_less_ever,
            sum(right_plus) OVER so_far AS right_plus_so_far, sum(right_plus) OVER ever AS right_plus_ever,
            sum(right_less) OVER so_far AS right_less_so_far, sum(right_less) OVER ever AS right_less_ever,
            sum(lefts) OVER so_far AS lefts_so_far, sum(rights) OVER so_far AS rights_so_far, sum(rights) OVER ever AS rights_ever,
            max(period) OVER ever AS newest,
            max(unnamed) OVER ever AS with_unnamed
        FROM moved
        WINDOW
            so_far AS (PARTITION BY control, side, contract_hash, contract, currency, entity ORDER BY period ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
            ever AS (PARTITION BY control, side, contract_hash, contract, currency, entity)
    ),
    rules AS (
        SELECT control, side, compare, latest, warn_from, only_known, tolerance,
            arrayFirst(term -> term.1 = 'left', terms).3 AS left_kind, arrayFirst(term -> term.1 = 'left_less', terms).3 AS left_less_kind,
            arrayFirst(term -> term.1 = 'right', terms).3 AS right_kind, arrayFirst(term -> term.1 = 'right_less', terms).3 AS right_less_kind
        FROM control_rules
    ),
    valued AS (
        SELECT stood.*, rules.compare AS compare, rules.latest AS latest, rules.warn_from AS warn_from, rules.only_known AS only_known,
            multiIf(left_kind = 'movement', left_plus, left_kind = 'total', left_plus_ever, left_plus_so_far)
                - multiIf(left_less_kind = 'movement', left_less, left_less_kind = 'total', left_less_ever, left_less_so_far) AS left_amount,
            multiIf(right_kind = 'movement', right_plus, right_kind = 'total', right_plus_ever, right_plus_so_far)
                - multiIf(right_less_kind = 'movement', right_less, right_less_kind = 'total', right_less_ever, right_less_so_far) AS right_amount,
            if(left_kind = 'movement', lefts, lefts_so_far) AS left_objects,
            multiIf(right_kind = 'movement', rights, right_kind = 'total', rights_ever, rights_so_far) AS right_objects,
            if(left_kind = 'movement', toDecimal128(0, 4), lagInFrame(left_amount) OVER (
                PARTITION BY control, side, contract_hash, contract, currency, entity ORDER BY period ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            )) AS opening,
            rules.tolerance[arrayFirst(key -> mapContains(rules.tolerance, key), [
                concat(entity, '/', currency), concat(entity, '/*'), concat('*/', currency), '*/*'])] AS tolerance
        FROM stood
        INNER JOIN rules ON rules.control = stood.control AND rules.side = stood.side
    )
SELECT
    contract_hash, valued.control, side, contract, currency, entity, valued.period, left_amount, right_amount, tolerance,
    multiIf(compare = 'eq', abs(left_amount - right_amount), compare = 'le', left_amount - right_amount, right_amount - left_amount) > tolerance,
    opening, right_plus, right_less, left_objects, right_objects, with_unnamed, first_at, last_at,
    multiIf(warn_from = 'at_once' OR closing.books_close IS NULL, NULL, warn_from = 'books_close', closing.books_close, closing.billing_cutoff),
    closing.books_close, evidence, {turn:UInt64}, 0
FROM valued
LEFT JOIN calendar_entities AS home ON home.legal_entity = valued.entity
LEFT JOIN (
    SELECT calendar, period, toNullable(billing_cutoff) AS billing_cutoff, toNullable(books_close) AS books_close FROM calendar_periods
) AS closing ON closing.calendar = if(home.calendar = '', 'default', toString(home.calendar)) AND closing.period = valued.period
WHERE (NOT latest OR valued.period = newest) AND (NOT only_known OR rights_ever > 0)
