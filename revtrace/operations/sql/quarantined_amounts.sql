-- How much money the records have that can be weighed.
SELECT currency, count() AS records, sum(amount) AS amount
FROM v_quarantine
WHERE ({reason:String} = '' OR v_quarantine.reason = {reason:String})
    AND ({source:String} = '' OR v_quarantine.source = {source:String})
    AND ({mapping:String} = '' OR v_quarantine.mapping = {mapping:String})
    AND ({state:String} = '' OR v_quarantine.state = {state:String})
    AND isNotNull(v_quarantine.amount)
GROUP BY currency
ORDER BY currency
