-- Deliveries behind the last batch that is whole, in the order they were committed: their rows are made again. In another
-- order a duplicate could be taken for the first of its kind, while the first is here already.
-- Some are named: a writer that lost its lease meanwhile may have kept them in a batch that was another's by then.
SELECT delivery, batch, bytes
FROM deliveries
WHERE batch > {closed:UInt64} OR delivery IN {deliveries:Array(String)}
ORDER BY batch, delivery
