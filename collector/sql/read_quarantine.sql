SELECT delivery, record, line, received_at, source, protocol, file, mapping, reason, field, object_type, object_id, amount, currency, period
FROM v_quarantine
WHERE state = 'open'
    AND ({source:String} = '' OR source = {source:String}) AND ({reason:String} = '' OR reason = {reason:String})
ORDER BY delivery DESC, record
LIMIT {limit:UInt32}
