-- Of the deliveries only which commit they were of, and only where they are asked for: their bytes stay where they are.
INSERT INTO {copy:Identifier}.deliveries (delivery, batch, received_at)
SELECT delivery, batch, received_at FROM deliveries WHERE batch <= {batch:UInt64} AND delivery IN (SELECT delivery FROM quarantine)
