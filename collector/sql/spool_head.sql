-- Both look at an end of an index only.
SELECT
    (SELECT received_at FROM spooled ORDER BY place LIMIT 1) AS oldest,
    (SELECT count(*) FROM spooled WHERE attempts > 0) AS postponed
