SELECT *
FROM revenue_at_risk_at(now = {now:DateTime64(6, 'UTC')})
WHERE ({period:String} = '' OR period = {period:String})
    AND ({entity:String} = '' OR legal_entity = {entity:String})
    AND ({process:String} = '' OR process = {process:String})
ORDER BY books_close, currency, standing = 'to_come', at_risk DESC NULLS LAST, legal_entity, process, position, standing
