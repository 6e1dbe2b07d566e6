SELECT *
FROM causes_at(now = {now:DateTime64(6, 'UTC')})
WHERE ({kind:String} = '' OR kind = {kind:String})
    AND ({status:String} = '' OR status = {status:String})
ORDER BY status != 'open', transform(severity, ['critical', 'warning', 'info'], [1, 2, 3], 4), open_findings DESC, findings DESC, cause
LIMIT if({limit:UInt64} = 0, 18446744073709551615, {limit:UInt64})
