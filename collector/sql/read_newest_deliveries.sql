SELECT *
FROM v_deliveries
WHERE {source:String} = '' OR source = {source:String}
ORDER BY delivery DESC
LIMIT {limit:UInt32}
