-- How long the whole way took, by the day or week in which it was completed. Exact quantiles.
SELECT
    if({by:String} = 'day', toStartOfDay(done_at), toDateTime(toStartOfWeek(done_at, 1), 'UTC')) AS bucket,
    count() AS finished,
    quantileExactInclusive(0.5)(seconds) AS median_seconds,
    quantileExactInclusive(0.9)(seconds) AS slow_seconds
FROM (
    SELECT
        assumeNotNull(completed_at) AS done_at,
        dateDiff('second', started_at, assumeNotNull(completed_at)) AS seconds
    FROM paths_at(now = {now:DateTime64(6, 'UTC')})
    WHERE
        state = 'complete'
        AND isNotNull(completed_at)
        AND completed_at >= {since:DateTime64(6, 'UTC')}
        AND completed_at <= {now:DateTime64(6, 'UTC')}
        AND ({entity:String} = '' OR legal_entity = {entity:String})
        AND ({process:String} = '' OR process = {process:String})
)
GROUP BY bucket
ORDER BY bucket
