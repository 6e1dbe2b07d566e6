-- Which of some deliveries are in the table.
SELECT delivery FROM deliveries WHERE delivery IN {deliveries:Array(String)}
