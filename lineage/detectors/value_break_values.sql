-- The parts that do not come out, with what explains their difference, and those where the value of a contract may stand.
INSERT INTO hop_values (
    subject_hash, hop, currency, version, deleted, processes, period, legal_entity, into_sum, out_sum, into_objects, out_objects, comparable, allocated, misplaced,
    exchange, tax, credit, write_off, rounding, unexplained, settled
)
WITH
    compared AS (SELECT * FROM work_hop_sums WHERE is_questioned),
    uneven_sides AS (
        SELECT hop, label, object_hash, is_out, toUInt8(amount IS NOT NULL) AS has_money, currency FROM work_hop_sides
        WHERE (hop, label) IN (SELECT hop, label FROM work_hop_sums WHERE is_uneven)
    ),
    -- Memos on what is on one side, while they stand.
    memos AS (
        SELECT up.2 AS on_hash, memo.object_type = 'write_off' AS is_write_off, toString(memo.currency) AS currency,
            toDecimal128(abs(ifNull(up.6, memo.amount)), 4) AS amount, (ifNull(memo.first_ok_at, memo.first_at), up.8) AS told
        FROM (
            SELECT object_hash, toString(object_type) AS object_type, amount, currency, first_ok_at, first_at, ups FROM objects FINAL
            WHERE NOT deleted AND first_ok_at IS NOT NULL AND object_type IN ('credit_memo', 'write_off') AND object_hash IN (
                SELECT down_hash FROM links_down WHERE up_hash IN (SELECT object_hash FROM uneven_sides) AND down_type IN ('credit_memo', 'write_off')
            )
        ) AS memo
        ARRAY JOIN ups AS up
        WHERE up.4 IN ('from', 'reverses', 'amends') AND ifNull(up.6, memo.amount) IS NOT NULL
            AND memo.object_hash NOT IN (
                SELECT object_hash FROM object_states FINAL WHERE reversed > 0 AND object_hash IN (
                    SELECT down_hash FROM links_down WHERE up_hash IN (SELECT object_hash FROM uneven_sides)
                )
            )
    ),
    -- Tax that an object's amount includes, and the rate at which it was exchanged, where its events say so.
    told_money AS (
        SELECT name.object_hash AS object_hash,
            toDecimal128(ifNull(toDecimal64OrNull(argMaxIf(event.tax, event.place, event.tax != ''), 4), 0), 4) AS tax,
            ifNull(toDecimal128OrNull(argMaxIf(event.rate, event.place, event.rate != ''), 10), 0) AS rate
        FROM (SELECT object_hash, name_hash FROM work_hop_names WHERE object_hash IN (SELECT object_hash FROM uneven_sides WHERE has_money)) AS name
        INNER JOIN (
            SELECT object_hash AS name_hash, (occurred_at, toString(source), event_id, toString(content_hash)) AS place, attributes['tax_amount'] AS tax,
                attributes['exchange_rate'] AS rate
            FROM events
            WHERE outcome = 'ok' AND object_hash IN (
                SELECT name_hash FROM work_hop_names WHERE object_hash IN (SELECT object_hash FROM uneven_sides WHERE has_money)
            ) AND (mapContains(attributes, 'tax_amount') OR mapContains(attributes, 'exchange_rate'))
        ) AS event ON event.name_hash = name.name_hash
        GROUP BY name.object_hash
    ),
    reasons AS (
        SELECT side.hop AS hop, side.label AS label, side.currency AS currency,
            sumIf(more.tax, NOT side.is_out) AS into_tax, sumIf(more.tax, side.is_out) AS out_tax, maxIf(more.rate, side.is_out) AS rate
        FROM uneven_sides AS side
        INNER JOIN told_money AS more ON more.object_hash = side.object_hash
        WHERE side.has_money
        GROUP BY side.hop, side.label, side.currency
    ),
    memo_sums AS (
        SELECT side.hop AS hop, side.label AS label, memo.currency AS currency, side.is_out AS is_out,
            sumIf(memo.amount, NOT memo.is_write_off) AS credit, sumIf(memo.amount, memo.is_write_off) AS write_off, max(memo.told) AS told
        FROM uneven_sides AS side
        INNER JOIN memos AS memo ON memo.on_hash = side.object_hash
        GROUP BY side.hop, side.label, memo.currency, side.is_out
    ),
    -- One currency in, another out: explained where the rate is told and agrees.
    exchanged AS (
        SELECT hop, label, groupArrayIf((currency, into_sum), out_sum = 0 AND into_sum != 0) AS ins, groupArrayIf((currency, out_sum), into_sum = 0 AND out_sum != 0) AS outs
        FROM compared
        WHERE is_uneven
        GROUP BY hop, label
        HAVING count() = 2 AND length(ins) = 1 AND length(outs) = 1
    ),
    at_rate AS (
        SELECT exchange.hop AS hop, exchange.label AS label,
            abs(toDecimal256(ins[1].2, 14) * toDecimal256(reason.rate, 10) - toDecimal256(outs[1].2, 14)) <= toDecimal256({tolerance:Decimal(18, 4)}, 14) AS agrees
        FROM exchanged AS exchange
        INNER JOIN reasons AS reason ON reason.hop = exchange.hop AND reason.label = exchange.label AND reason.currency = outs[1].1
        WHERE reason.rate > 0
    ),
    explained AS (
        SELECT one.hop AS hop, one.label AS label, one.currency AS currency, one.into_sum AS into_sum, one.out_sum AS out_sum,
            one.into_objects AS into_objects, one.out_objects AS out_objects, one.comparable AS comparable, one.allocated AS allocated, one.misplaced AS misplaced, one.period AS period, one.legal_entity AS legal_entity,
            toDecimal128(0, 4) AS nothing,
            greatest(abs(one.difference), one.misplaced) AS gap_all,
            if(rated.agrees, gap_all, nothing) AS by_exchange,
            -- Tax that only the larger side includes.
            least(gap_all - by_exchange, greatest(if(one.difference > 0, reason.into_tax - reason.out_tax, reason.out_tax - reason.into_tax), nothing)) AS by_tax,
            least(gap_all - by_exchange - by_tax, ifNull(memo.credit, nothing)) AS by_credit,
            least(gap_all - by_exchange - by_tax - by_credit, ifNull(memo.write_off, nothing)) AS by_write_off,
            gap_all - by_exchange - by_tax - by_credit - by_write_off AS rest,
            memo.told AS memo_told
        FROM compared AS one
        LEFT JOIN at_rate AS rated ON rated.hop = one.hop AND rated.label = one.label
        LEFT JOIN reasons AS reason ON reason.hop = one.hop AND reason.label = one.label AND reason.currency = one.currency
        LEFT JOIN memo_sums AS memo ON memo.hop = one.hop AND memo.label = one.label AND memo.currency = one.currency AND memo.is_out = (one.difference < 0)
    ),
{{value_break_processes}},
    -- The value of a contract is a standing, not a flow; its control compares it.
    stated AS (
        SELECT DISTINCT hop, label FROM work_hop_sides
        WHERE (hop, label) IN (SELECT hop, label FROM work_hop_sums WHERE is_questioned) AND object_hash IN (
            SELECT object_hash FROM work_hop_names
            WHERE name_hash IN (SELECT object_hash FROM events WHERE object_hash IN (SELECT name_hash FROM work_hop_names) AND measure = 'contract_value')
        )
    )
SELECT
    value.label, value.hop, value.currency, {turn:UInt64}, 0, config.processes, value.period, value.legal_entity,
    value.into_sum, value.out_sum, value.into_objects, value.out_objects, value.comparable, value.allocated, value.misplaced, value.by_exchange, value.by_tax,
    value.by_credit, value.by_write_off, if(value.rest <= {tolerance:Decimal(18, 4)}, value.rest, value.nothing),
    if(value.rest <= {tolerance:Decimal(18, 4)}, value.nothing, value.rest), value.memo_told
FROM explained AS value
LEFT JOIN config ON config.hop = value.hop
WHERE (value.hop, value.label) NOT IN (SELECT hop, label FROM stated)
