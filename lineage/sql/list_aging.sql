SELECT *
FROM aging_at(now = {now:DateTime64(6, 'UTC')})
WHERE ({status:String} = '' OR status = {status:String} OR {status:String} = 'active' AND status IN ('open', 'acknowledged'))
    AND ({kind:String} = '' OR kind = {kind:String})
    AND ({entity:String} = '' OR legal_entity = {entity:String})
    AND ({process:String} = '' OR process = {process:String})
    AND ({currency:String} = '' OR currency = {currency:String})
ORDER BY kind, subkind, process, stage, legal_entity, currency, status, bucket, business_bucket, class
