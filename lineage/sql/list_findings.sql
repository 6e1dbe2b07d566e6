SELECT *
FROM findings_at(now = {now:DateTime64(6, 'UTC')})
WHERE ({kind:String} = '' OR kind = {kind:String})
    AND ({status:String} = '' OR status = {status:String} OR {status:String} = 'active' AND status IN ('open', 'acknowledged'))
    AND ({class:String} = '' OR class = {class:String})
    AND (toDecimal64({min_amount:String}, 4) < 0 OR amount >= toDecimal64({min_amount:String}, 4))
ORDER BY status IN ('resolved', 'waived'), transform(severity, ['critical', 'warning', 'info'], [1, 2, 3], 4), amount DESC NULLS LAST, clock_start, finding_id
LIMIT if({limit:UInt64} = 0, 18446744073709551615, {limit:UInt64})
