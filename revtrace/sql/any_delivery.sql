SELECT count() > 0 FROM (SELECT 1 FROM deliveries LIMIT 1)
