-- The deliveries whose records are to be made again, each with the one it came in first, and how many wait in it.
SELECT if(empty(origin.replays), held.delivery, origin.replays) AS origin, count() AS records
FROM (
    SELECT held.delivery AS delivery
    {{quarantine_matching}}
) AS held
LEFT JOIN (SELECT delivery, replays FROM delivery_origins FINAL WHERE replays != '') AS origin ON origin.delivery = held.delivery
GROUP BY origin
ORDER BY origin
