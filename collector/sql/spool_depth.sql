SELECT count(*) AS deliveries, coalesce(sum(bytes), 0) AS bytes FROM spooled
