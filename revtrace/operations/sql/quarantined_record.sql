-- One record with its bytes.
SELECT * EXCEPT (record), concat(delivery, ':', toString(v_quarantine.record)) AS record
FROM v_quarantine
WHERE delivery = {delivery:String} AND v_quarantine.record = {record:UInt64}
