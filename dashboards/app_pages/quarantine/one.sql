-- One record with the beginning of its bytes.
SELECT
    concat(held.delivery, ':', toString(held.record)) AS name, held.* EXCEPT (raw),
    substring(held.raw, 1, {bytes:UInt32}) AS raw, length(held.raw) AS bytes
FROM v_quarantine AS held
WHERE held.delivery = {delivery:String} AND held.record = {record:UInt64}
LIMIT 1
