-- What missed the close of its period and is not through since, by currency: it belongs to no close that lies ahead.
SELECT currency, sum(roots) AS roots, sum(toDecimal128(coalesce(amount, 0), 4)) AS amount
FROM findings_at(now = {now:DateTime64(6, 'UTC')})
WHERE kind = 'sla_breach' AND subkind = 'cutoff' AND status IN ('open', 'acknowledged')
    AND ({entity:String} = '' OR legal_entity = {entity:String})
    AND ({process:String} = '' OR process = {process:String})
GROUP BY currency
ORDER BY currency
