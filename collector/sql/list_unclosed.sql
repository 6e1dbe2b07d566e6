-- Deliveries that no closed batch covers, in the order they were received: their rows are made again.
SELECT delivery, batch, bytes
FROM deliveries
WHERE batch > {closed:UInt64}
ORDER BY delivery
