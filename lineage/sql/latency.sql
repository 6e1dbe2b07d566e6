-- How long hops took, by what every hop says itself. Exact quantiles, of all of them.
WITH
    done AS (
{{latency_done}}
    ),
    grouped AS (
        SELECT *, multiIf(
            {by:String} = 'legal_entity', toString(legal_entity),
            {by:String} = 'engagement', toString(engagement),
            {by:String} = 'week', toString(toDate(toStartOfWeek(done_at, 1))),
            '') AS group_name
        FROM done
    )
{{latency_figures}}
ORDER BY group_name, process, position
