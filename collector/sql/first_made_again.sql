-- Where to begin when a commit is damaged: what a recovery made again since then is of deliveries with an earlier batch.
SELECT min(batch) AS batch
FROM deliveries
WHERE delivery IN (SELECT delivery FROM delivery_closings WHERE batch >= {damaged:UInt64})
HAVING count() > 0
