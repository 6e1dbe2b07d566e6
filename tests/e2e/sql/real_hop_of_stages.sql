-- Seconds from one stage of a path to another, both done. The median of an even number of hops is the mean of the middle two,
-- which quantileExact alone does not give: it takes the upper one.
SELECT
    count() AS hops,
    (quantileExactLow(0.5)(seconds) + quantileExactHigh(0.5)(seconds)) / 2 AS median_seconds,
    countIf(seconds < 0) AS negative
FROM (
    SELECT dateDiff('second', begun.reached_at, ended.reached_at) AS seconds
    FROM v_path_stages AS begun
    INNER JOIN v_path_stages AS ended ON ended.root_hash = begun.root_hash
    WHERE begun.stage = {begun:String} AND ended.stage = {ended:String} AND isNotNull(begun.reached_at) AND isNotNull(ended.reached_at)
)
