SELECT hop, processes, currency, period, legal_entity, parts, breaks, into, out_of, difference, pending, credit, write_off, tax, exchange, rounding, unexplained
FROM v_conservation
WHERE ({period:String} = '' OR period = {period:String}) AND ({entity:String} = '' OR legal_entity = {entity:String})
ORDER BY unexplained > 0 DESC, hop, processes, currency, period, legal_entity
