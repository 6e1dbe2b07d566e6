-- Cases by variant, and the durations of all cases.
WITH times AS ({{times}}),
cases AS (
    SELECT
        list(event.ocel_type ORDER BY times.at, event.ocel_id) AS activities,
        date_diff('second', min(times.at), max(times.at)) AS seconds
    FROM (SELECT DISTINCT ocel_event_id, ocel_object_id FROM memory.main.event_object) AS pair
    INNER JOIN memory.main.object AS thing ON thing.ocel_id = pair.ocel_object_id AND thing.ocel_type = 'orders'
    INNER JOIN memory.main.event AS event ON event.ocel_id = pair.ocel_event_id
    INNER JOIN times ON times.ocel_id = pair.ocel_event_id
    GROUP BY pair.ocel_object_id
),
variants AS (SELECT count(*) AS cases FROM cases GROUP BY activities)
SELECT (SELECT list(cases ORDER BY cases DESC) FROM variants), (SELECT quantile_cont(seconds, 0.5) FROM cases)
