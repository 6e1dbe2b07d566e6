-- What went into each hop and came out of it, by currency.
SELECT hop, currency, sum(parts) AS parts, sum(breaks) AS breaks, sum(into) AS into, sum(out_of) AS out_of, sum(pending) AS pending, sum(credit) AS credit,
    sum(write_off) AS write_off, sum(tax) AS tax, sum(exchange) AS exchange, sum(rounding) AS rounding, sum(unexplained) AS unexplained
FROM v_conservation
WHERE ({period:String} = '' OR period = {period:String}) AND ({entity:String} = '' OR legal_entity = {entity:String})
GROUP BY hop, currency
ORDER BY unexplained > 0 DESC, hop, currency
