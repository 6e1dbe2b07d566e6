-- Which events the staged rows supersede: those that an earlier version of the same mapping has made under the same
-- identity, and, where a delivery is replayed, whatever an earlier version made of it that is not made again.
-- Elsewhere than in a replay only the days of the new events are looked into, so that the cost is not that of history.
INSERT INTO superseding (
    object_hash, object_type, object_id, occurred_at, source, event_id, content_hash, delivery, by_delivery, by_version
)
WITH
made AS (
    SELECT
        source,
        event_id,
        mapping,
        any(delivery) AS delivery,
        max(mapping_version) AS version,
        groupUniqArray(content_hash) AS contents
    FROM {staged:Identifier}
    WHERE reason = '' AND NOT skipped AND mapping_version > 1 AND mapping NOT IN ('native', 'otlp')
    GROUP BY source, event_id, mapping
),
replays AS (
    SELECT delivery, replays AS origin
    FROM delivery_origins
    WHERE replays IN {origins:Array(String)} AND replays != ''
),
-- Every delivery that a replay of now speaks of, with the replay that has the word.
spoken AS (
    SELECT delivery, {replaying:Array(String)}[indexOf({origins:Array(String)}, origin)] AS replaying
    FROM (SELECT delivery, origin FROM replays UNION ALL SELECT arrayJoin({origins:Array(String)}) AS delivery, delivery AS origin)
)
SELECT DISTINCT *
FROM (
    SELECT
        told.object_hash, toString(told.object_type), told.object_id, told.occurred_at, toString(told.source) AS the_source,
        told.event_id, told.content_hash, told.delivery, made.delivery AS by_delivery, made.version AS by_version
    FROM (
        SELECT * FROM events
        WHERE object_hash IN (
            SELECT object_hash FROM event_ids
            WHERE identity IN (SELECT sipHash64(source, event_id) FROM made)
                AND ({everywhere:Bool} OR day IN (SELECT toDate(occurred_at, 'UTC') FROM {staged:Identifier} WHERE reason = '' AND NOT skipped))
            -- An interrupted commit may have taken them out of event_ids already.
            UNION ALL SELECT object_hash FROM superseded_events WHERE by_delivery IN (SELECT delivery FROM {staged:Identifier})
        )
    ) AS told
    INNER JOIN made ON made.source = told.source AND made.event_id = told.event_id AND made.mapping = told.mapping
    WHERE told.mapping_version < made.version AND NOT has(made.contents, told.content_hash)
    UNION ALL
    SELECT
        told.object_hash, toString(told.object_type), told.object_id, told.occurred_at, toString(told.source), told.event_id,
        told.content_hash, told.delivery, spoken.replaying, now_made.version
    FROM (
        SELECT * FROM events
        WHERE object_hash IN (
            SELECT object_hash FROM event_arrivals
            -- What a recovery has made again is of a later batch than its delivery: that of its closing.
            WHERE batch IN (
                SELECT batch FROM deliveries WHERE delivery IN (SELECT delivery FROM spoken)
                UNION ALL SELECT batch FROM delivery_closings WHERE delivery IN (SELECT delivery FROM spoken)
            )
        ) AND delivery IN (SELECT delivery FROM spoken)
    ) AS told
    INNER JOIN spoken ON spoken.delivery = told.delivery
    INNER JOIN (SELECT delivery, max(mapping_version) AS version FROM deliveries WHERE delivery IN {replaying:Array(String)} GROUP BY delivery) AS now_made
        ON now_made.delivery = spoken.replaying
    WHERE told.mapping_version < now_made.version
        AND (told.source, told.event_id, told.content_hash) NOT IN (
            SELECT source, event_id, content_hash FROM {staged:Identifier} WHERE reason = '' AND NOT skipped
        )
)
