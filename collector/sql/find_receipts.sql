-- Which of these deliveries were committed before, with their counts where they are counted already.
SELECT
    deliveries.delivery AS delivery,
    closing.received AS received,
    closing.stored AS stored,
    closing.duplicates AS duplicates,
    closing.quarantined AS quarantined,
    closing.skipped AS skipped,
    toBool(notEmpty(closing.delivery)) AS counted
FROM deliveries
LEFT JOIN (
    SELECT * FROM delivery_closings FINAL WHERE delivery IN {deliveries:Array(String)}
) AS closing ON closing.delivery = deliveries.delivery
WHERE deliveries.delivery IN {deliveries:Array(String)}
