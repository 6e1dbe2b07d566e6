-- Which parts are to be asked about, which do not come out to the last digit, and which lost something that stands no more.
SELECT
    countIf(is_questioned) AS questioned,
    countIf(comparable AND (difference != 0 OR misplaced > 0)) AS uneven,
    (SELECT count() FROM work_hops WHERE label = 0 AND (hop, down_hash) NOT IN (SELECT hop, down_hash FROM work_hops WHERE label != 0)) AS lost
FROM work_hop_sums
