-- A row an event-object pair. What the file names without telling of it is there with nulls, and an event without
-- objects too: it is for admission to refuse, by name, and not for a join to drop. The file itself has no indices: a join gets
-- one made for it, a subquery for each row would read the whole table as often.
SELECT
    pair.event,
    happened.ocel_type,
    timed.at,
    pair.object,
    thing.ocel_type,
    group_concat(pair.qualifier, ', ') OVER (
        PARTITION BY pair.event, pair.object ORDER BY pair.qualifier
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ),
    first.event IS NOT NULL,
    weighed.amount
FROM (
    SELECT ocel_event_id AS event, CAST(ocel_object_id AS TEXT) AS object, ocel_qualifier AS qualifier FROM event_object
    UNION ALL
    SELECT event.ocel_id, NULL, NULL
    FROM event
    LEFT JOIN (SELECT DISTINCT ocel_event_id FROM event_object) AS own ON own.ocel_event_id = event.ocel_id
    WHERE own.ocel_event_id IS NULL
) AS pair
LEFT JOIN event AS happened ON happened.ocel_id = pair.event
LEFT JOIN object AS thing ON thing.ocel_id = pair.object
LEFT JOIN event_times AS timed ON timed.event = pair.event
LEFT JOIN first_events AS first ON first.object = pair.object AND first.event = pair.event
LEFT JOIN amounts AS weighed ON weighed.object = pair.object
ORDER BY timed.sort, pair.event, pair.object
