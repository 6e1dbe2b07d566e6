-- The records that the filters of the page let through; '' lets all through.
FROM v_quarantine AS held
WHERE ({state:String} = '' OR held.state = {state:String})
    AND ({reason:String} = '' OR held.reason = {reason:String})
    AND ({source:String} = '' OR held.source = {source:String})
