-- What went into the hops and came out of them, one row a hop, currency, fiscal period and legal entity: how far the difference has a
-- reason. Currencies are never added up.
-- It adds up: out_of = into - pending + unfounded - explained_net - unexplained_net.
CREATE OR REPLACE VIEW v_conservation {{on_cluster}} AS
SELECT
    part.hop AS hop,
    part.processes AS processes,
    part.currency AS currency,
    part.period AS period,
    part.legal_entity AS legal_entity,
    count() AS parts,
    countIf(part.unexplained > 0) AS breaks,
    sum(part.into_sum) AS into,
    sum(part.out_sum) AS out_of,
    into - out_of AS difference,
    sumIf(part.into_sum, NOT part.comparable) AS pending,
    sumIf(part.out_sum, NOT part.comparable) AS unfounded,
    sum(part.credit) AS credit,
    sum(part.write_off) AS write_off,
    sum(part.tax) AS tax,
    sum(part.exchange) AS exchange,
    sum(part.rounding) AS rounding,
    sum(part.unexplained) AS unexplained,
    sum(part.reasoned) AS explained_net,
    into - pending + unfounded - out_of - explained_net AS unexplained_net
FROM (
    -- Reasons have no sign; they take the direction of the difference, and never go beyond it: documents that are off one by one may
    -- come out together.
    SELECT *, if(comparable, sign(into_sum - out_sum) * least(abs(into_sum - out_sum), credit + write_off + tax + exchange + rounding), toDecimal128(0, 4)) AS reasoned
    FROM hop_values FINAL
    WHERE NOT deleted
) AS part
GROUP BY part.hop, part.processes, part.currency, part.period, part.legal_entity
