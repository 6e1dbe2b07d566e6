-- What went into the hops and came out of them, one row a hop, currency, fiscal period and legal entity: how far the difference has a
-- reason. Currencies are never added up.
CREATE OR REPLACE VIEW v_conservation {{on_cluster}} AS
SELECT
    hop AS hop,
    processes AS processes,
    currency AS currency,
    period AS period,
    legal_entity AS legal_entity,
    count() AS parts,
    countIf(comparable AND unexplained > 0) AS breaks,
    sum(into_sum) AS into,
    sum(out_sum) AS out_of,
    into - out_of AS difference,
    sumIf(into_sum, NOT comparable) AS pending,
    sum(credit) AS credit,
    sum(write_off) AS write_off,
    sum(tax) AS tax,
    sum(exchange) AS exchange,
    sum(rounding) AS rounding,
    sum(unexplained) AS unexplained
FROM hop_values FINAL
WHERE NOT deleted
GROUP BY hop, processes, currency, period, legal_entity
