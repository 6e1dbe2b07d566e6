-- The newest version under which the records of a delivery were made, by itself or a replay of it.
SELECT max(mapping_version) FROM deliveries
WHERE mapping = {mapping:String}
    AND delivery IN (SELECT {origin:String} UNION ALL SELECT delivery FROM delivery_origins WHERE replays = {origin:String})
