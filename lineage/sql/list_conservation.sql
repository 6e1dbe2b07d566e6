SELECT hop, processes, currency, period, legal_entity, parts, breaks, into, out_of, difference, pending, unfounded, credit, write_off, tax, exchange, rounding, unexplained, explained_net, unexplained_net
FROM v_conservation
WHERE ({period:String} = '' OR period = {period:String}) AND ({entity:String} = '' OR legal_entity = {entity:String})
ORDER BY unexplained > 0 DESC, hop, processes, currency, period, legal_entity
