SELECT max(delivery) AS delivery FROM spooled
