-- Orders flattened: a case an order, all its events by time. How many cases there are and how many of each variant, and the
-- median of their durations: the mean of the middle two where they are even in number.
SELECT
    sum(variant.cases) AS cases,
    arrayReverseSort(groupArray(variant.cases)) AS variants,
    (quantileExactLowMerge(0.5)(variant.low) + quantileExactHighMerge(0.5)(variant.high)) / 2 AS median_seconds
FROM (
    SELECT
        activities,
        count() AS cases,
        quantileExactLowState(0.5)(seconds) AS low,
        quantileExactHighState(0.5)(seconds) AS high
    FROM (
        SELECT
            arrayMap(event -> event.3, arraySort(groupArray((occurred_at, event_id, (action, outcome))))) AS activities,
            dateDiff('second', min(occurred_at), max(occurred_at)) AS seconds
        FROM v_events
        WHERE object_type = 'order'
        GROUP BY object_type, object_id
    )
    GROUP BY activities
) AS variant
