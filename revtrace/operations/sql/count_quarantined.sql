SELECT count()
FROM quarantine FINAL
WHERE ({reason:String} = '' OR quarantine.reason = {reason:String})
    AND ({source:String} = '' OR quarantine.source = {source:String})
