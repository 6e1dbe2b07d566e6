-- Which objects have events, and the first event of each that has a time: it carries the links of its object.
CREATE TEMP TABLE first_events AS
SELECT object, event FROM (
    SELECT
        CAST(pair.ocel_object_id AS TEXT) AS object,
        pair.ocel_event_id AS event,
        row_number() OVER (PARTITION BY CAST(pair.ocel_object_id AS TEXT) ORDER BY timed.sort, pair.ocel_event_id) AS place
    FROM event_object AS pair
    INNER JOIN event_times AS timed ON timed.event = pair.ocel_event_id
    WHERE timed.sort IS NOT NULL
)
WHERE place = 1
;
CREATE UNIQUE INDEX temp.first_events_object ON first_events (object)
;
CREATE TEMP TABLE relations AS
SELECT DISTINCT
    CAST(relation.ocel_source_id AS TEXT) AS source,
    one.ocel_type AS source_type,
    CAST(relation.ocel_target_id AS TEXT) AS target,
    other.ocel_type AS target_type,
    relation.ocel_qualifier AS qualifier
FROM object_object AS relation
INNER JOIN object AS one ON one.ocel_id = relation.ocel_source_id
INNER JOIN object AS other ON other.ocel_id = relation.ocel_target_id
WHERE CAST(relation.ocel_source_id AS TEXT) IN (SELECT object FROM first_events)
    AND CAST(relation.ocel_target_id AS TEXT) IN (SELECT object FROM first_events)
;
CREATE INDEX temp.relations_source ON relations (source)
;
CREATE INDEX temp.relations_target ON relations (target)
