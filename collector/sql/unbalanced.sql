-- Deliveries of some commits of which not every record is accounted for: never closed, counts that do not add up, or
-- events or quarantined records that are not those that were counted. An event's batch is never below its delivery's.
SELECT
    taken.delivery AS delivery,
    taken.source AS source,
    toStartOfHour(taken.received_at) AS hour,
    taken.batch AS batch,
    notEmpty(closing.delivery) AS closed,
    closing.received AS received,
    closing.stored AS stored,
    closing.duplicates AS duplicates,
    closing.quarantined AS quarantined,
    closing.skipped AS skipped,
    made.rows AS stored_rows,
    held.rows AS quarantined_rows
FROM (
    SELECT
        delivery,
        source,
        received_at,
        batch,
        -- Closed without a record, though there is one in its bytes for sure.
        delivery IN (
            SELECT delivery
            FROM deliveries
            WHERE batch BETWEEN {first:UInt64} AND {last:UInt64} AND protocol IN ('ndjson', 'json')
                AND delivery IN (SELECT delivery FROM delivery_closings FINAL WHERE batch >= {first:UInt64} AND received = 0)
                AND content_type != 'application/vnd.revtrace.replay+json' AND position(body, '{') > 0
        ) AS silent
    FROM deliveries
    WHERE batch BETWEEN {first:UInt64} AND {last:UInt64}
) AS taken
LEFT JOIN (
    SELECT *
    FROM delivery_closings FINAL
    WHERE delivery IN (SELECT delivery FROM deliveries WHERE batch BETWEEN {first:UInt64} AND {last:UInt64})
) AS closing ON closing.delivery = taken.delivery
LEFT JOIN (
    -- What a mended mapping has superseded was stored all the same.
    SELECT delivery, count() AS rows
    FROM (
        SELECT delivery FROM events WHERE batch >= {first:UInt64}
        UNION ALL
        -- While it is superseded an event stands in both.
        SELECT delivery
        FROM superseded_events FINAL
        WHERE batch >= {first:UInt64} AND (delivery, source, event_id, content_hash) NOT IN (
            SELECT delivery, source, event_id, content_hash
            FROM events
            WHERE batch >= {first:UInt64}
                AND delivery IN (SELECT delivery FROM superseded_events WHERE batch >= {first:UInt64})
        )
    )
    GROUP BY delivery
) AS made ON made.delivery = taken.delivery
LEFT JOIN (
    SELECT delivery, uniqExact(record) AS rows
    FROM quarantine
    WHERE delivery IN (SELECT delivery FROM deliveries WHERE batch BETWEEN {first:UInt64} AND {last:UInt64})
    GROUP BY delivery
) AS held ON held.delivery = taken.delivery
WHERE NOT closed
    OR received != stored + duplicates + quarantined + skipped
    OR stored != stored_rows
    OR quarantined != quarantined_rows
    OR silent
