SELECT *
FROM v_quarantine
WHERE delivery = {delivery:String} AND record = {record:UInt64}
