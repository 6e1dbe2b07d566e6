SELECT
    happened.ocel_id,
    happened.ocel_type,
    timed.at,
    CAST(pair.ocel_object_id AS TEXT),
    thing.ocel_type,
    group_concat(pair.ocel_qualifier, ', ') OVER (PARTITION BY pair.ocel_event_id, pair.ocel_object_id),
    first.event IS NOT NULL
FROM event_object AS pair
INNER JOIN event AS happened ON happened.ocel_id = pair.ocel_event_id
INNER JOIN object AS thing ON thing.ocel_id = pair.ocel_object_id
LEFT JOIN event_times AS timed ON timed.event = pair.ocel_event_id
LEFT JOIN first_events AS first ON first.object = CAST(pair.ocel_object_id AS TEXT) AND first.event = pair.ocel_event_id
ORDER BY timed.at, pair.ocel_event_id, pair.ocel_object_id
