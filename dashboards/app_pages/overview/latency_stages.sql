-- How long each step took, by the day or week in which it was done. Exact quantiles, of all of them.
SELECT
    stage AS hop,
    if({by:String} = 'day', toStartOfDay(done_at), toDateTime(toStartOfWeek(done_at, 1), 'UTC')) AS bucket,
    count() AS finished,
    quantileExactInclusive(0.5)(latency_seconds) AS median_seconds,
    quantileExactInclusive(0.9)(latency_seconds) AS slow_seconds
FROM (
    SELECT stage, assumeNotNull(completed_at) AS done_at, assumeNotNull(latency_seconds) AS latency_seconds
    FROM path_stages_at(now = {now:DateTime64(6, 'UTC')})
    WHERE
        isNotNull(completed_at)
        AND isNotNull(latency_seconds)
        AND completed_at >= {since:DateTime64(6, 'UTC')}
        AND completed_at <= {now:DateTime64(6, 'UTC')}
        AND ({entity:String} = '' OR legal_entity = {entity:String})
        AND ({process:String} = '' OR process = {process:String})
)
GROUP BY hop, bucket
ORDER BY hop, bucket
