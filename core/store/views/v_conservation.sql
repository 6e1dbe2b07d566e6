-- What went into the hops and came out of them, one row a hop, currency, fiscal period and legal entity: how far the difference has a
-- reason. Currencies are never added up.
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
    sum(part.credit) AS credit,
    sum(part.write_off) AS write_off,
    sum(part.tax) AS tax,
    sum(part.exchange) AS exchange,
    sum(part.rounding) AS rounding,
    sum(part.unexplained) AS unexplained
FROM (SELECT * FROM hop_values FINAL WHERE NOT deleted) AS part
GROUP BY part.hop, part.processes, part.currency, part.period, part.legal_entity
