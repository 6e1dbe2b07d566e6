-- Deliveries behind the last batch that is whole, in the order they were committed: their rows are made again. In another
-- order a duplicate could be taken for the first of its kind, while the first is here already.
SELECT delivery, batch, bytes
FROM deliveries
WHERE batch > {closed:UInt64}
ORDER BY batch, delivery
