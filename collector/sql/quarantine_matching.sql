-- The quarantined records that a question is about; '' asks for all. `state` is open, admitted or replaced.
FROM v_quarantine AS held
WHERE ({reason:String} = '' OR held.reason = {reason:String})
    AND ({source:String} = '' OR held.source = {source:String})
    AND ({mapping:String} = '' OR held.mapping = {mapping:String})
    AND ({state:String} = '' OR held.state = {state:String})
    AND (empty({records:Array(String)}) OR concat(held.delivery, ':', toString(held.record)) IN {records:Array(String)})
