-- What waits of a delivery and of the replays of it.
SELECT delivery, record, reason, field, raw, mapping, mapping_version
FROM v_quarantine
WHERE state = 'open'
    AND delivery IN (SELECT {origin:String} UNION ALL SELECT delivery FROM delivery_origins WHERE replays = {origin:String})
ORDER BY delivery, record
