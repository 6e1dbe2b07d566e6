-- What went into each hop and came out of it, by currency.
SELECT told.hop AS hop, told.currency AS currency, sum(told.parts) AS parts, sum(told.breaks) AS breaks, sum(told.into) AS into, sum(told.out_of) AS out_of,
    sum(told.pending) AS pending, sum(told.unfounded) AS unfounded, sum(told.credit) AS credit, sum(told.write_off) AS write_off, sum(told.tax) AS tax, sum(told.exchange) AS exchange,
    sum(told.rounding) AS rounding, sum(told.unexplained) AS unexplained,
    sum(told.explained_net) AS explained_net, sum(told.unexplained_net) AS unexplained_net
FROM v_conservation AS told
WHERE ({period:String} = '' OR told.period = {period:String}) AND ({entity:String} = '' OR told.legal_entity = {entity:String})
GROUP BY told.hop, told.currency
ORDER BY unexplained > 0 DESC, hop, currency
