-- Quarantined records without their bytes, the newest first; a delivery's id begins with its time.
SELECT
    concat(delivery, ':', toString(record)) AS record,
    received_at,
    source,
    protocol,
    file,
    line,
    reason,
    field,
    object_type,
    object_id,
    amount,
    currency,
    period,
    mapping,
    mapping_version,
    state,
    resolved_at,
    resolved_by,
    replay
FROM v_quarantine
WHERE ({reason:String} = '' OR v_quarantine.reason = {reason:String})
    AND ({source:String} = '' OR v_quarantine.source = {source:String})
    AND ({mapping:String} = '' OR v_quarantine.mapping = {mapping:String})
    AND ({state:String} = '' OR v_quarantine.state = {state:String})
ORDER BY v_quarantine.delivery DESC, v_quarantine.record
LIMIT {limit:UInt64}
