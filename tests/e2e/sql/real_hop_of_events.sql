-- The same hop from the events alone: first ok event of one action to the first of the other.
SELECT
    count() AS hops,
    (quantileExactLow(0.5)(seconds) + quantileExactHigh(0.5)(seconds)) / 2 AS median_seconds,
    countIf(seconds < 0) AS negative
FROM (
    SELECT dateDiff('second', minIf(occurred_at, action = {begun:String}), minIf(occurred_at, action = {ended:String})) AS seconds
    FROM v_events
    WHERE outcome = 'ok'
    GROUP BY object_type, object_id
    HAVING countIf(action = {begun:String}) > 0 AND countIf(action = {ended:String}) > 0
)
