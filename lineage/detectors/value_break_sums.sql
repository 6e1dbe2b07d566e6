-- All in is held against all out of each connected part of a hop, currency by currency; where every link carries an amount, each
-- document against its links, too.
INSERT INTO work_hop_sums (
    hop, label, currency, into_sum, out_sum, into_objects, out_objects, comparable, allocated, misplaced, difference, period, legal_entity, is_uneven,
    is_questioned
)
WITH
    sums AS (
        SELECT hop, label, currency, toDecimal128(sumIf(money, NOT is_out), 4) AS into_sum, toDecimal128(sumIf(money, is_out), 4) AS out_sum,
            countIf(NOT is_out) AS into_objects, countIf(is_out) AS out_objects,
            -- Documents of which every link says how much of the other end it takes, and by how much they differ from that.
            out_objects > 0 AND countIf(is_out AND is_silent) = 0 AS allocated,
            sumIf(gap, gap > {tolerance:Decimal(18, 4)}) AS misplaced
        FROM (
            SELECT hop, label, currency, assumeNotNull(amount) AS money, is_out, is_silent, if(is_out, abs(money - linked), toDecimal128(0, 4)) AS gap
            FROM work_hop_sides
            WHERE amount IS NOT NULL
        )
        GROUP BY hop, label, currency
    ),
    named AS (
        SELECT hop, label, argMinIf(period, key, is_out AND period != '') AS out_period, argMinIf(period, key, period != '') AS any_period,
            argMinIf(legal_entity, key, is_out) AS entity
        FROM work_hop_sides
        GROUP BY hop, label
    ),
    compared AS (
        SELECT *,
            -- Both sides have money; what has none yet has lost none.
            sum(into_objects) OVER part > 0 AND max(out_sum != 0) OVER part AS comparable
        FROM sums
        WINDOW part AS (PARTITION BY hop, label)
    ),
    told AS (
        SELECT * EXCEPT misplaced, if(comparable AND allocated, toDecimal128(misplaced, 4), toDecimal128(0, 4)) AS off_links,
            if(comparable, into_sum - out_sum, toDecimal128(0, 4)) AS difference
        FROM compared
    )
SELECT
    total.hop, total.label, total.currency, total.into_sum, total.out_sum, total.into_objects, total.out_objects, total.comparable, total.allocated,
    total.off_links, total.difference, if(place.out_period != '', place.out_period, place.any_period), place.entity,
    max(abs(total.difference) > {tolerance:Decimal(18, 4)} OR total.off_links > {tolerance:Decimal(18, 4)}) OVER part AS is_uneven,
    -- The value of a contract is a standing, not a flow; its control compares it. Asked of parts that do not come out, and of those
    -- where such values are usual.
    is_uneven OR match(total.hop, 'contract|opportunity|change_order')
FROM told AS total
INNER JOIN named AS place ON place.hop = total.hop AND place.label = total.label
WINDOW part AS (PARTITION BY total.hop, total.label)
