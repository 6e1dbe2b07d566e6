SELECT count()
FROM v_quarantine
WHERE ({reason:String} = '' OR v_quarantine.reason = {reason:String})
    AND ({source:String} = '' OR v_quarantine.source = {source:String})
    AND ({mapping:String} = '' OR v_quarantine.mapping = {mapping:String})
    AND ({state:String} = '' OR v_quarantine.state = {state:String})
