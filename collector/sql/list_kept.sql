-- Which of some deliveries are in the table, and whether they have their counts.
SELECT
    delivery,
    delivery IN (SELECT delivery FROM delivery_closings WHERE delivery IN {deliveries:Array(String)}) AS counted
FROM deliveries
WHERE delivery IN {deliveries:Array(String)}
