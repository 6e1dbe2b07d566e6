-- Where the last writer stopped.
SELECT
    (SELECT max(batch) FROM batches) AS closed,
    (SELECT max(admitted_at) FROM batches) AS admitted_at,
    (SELECT max(delivery) FROM deliveries) AS delivery
