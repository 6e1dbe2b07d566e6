-- What the new events have, so that nothing is looked for that none of them has; whether any id has another name at all, and
-- whether anything was refused in these batches; whether any of their ids has two days or contents, or any id ever was found to have.
-- What arrived and is none of them was superseded, or is of an earlier batch: a collector made it again that had lost a part of it.
SELECT
    count() AS fresh,
    (SELECT count() FROM event_arrivals WHERE batch > {from_batch:UInt64} AND batch <= {to_batch:UInt64}) AS arrivals,
    countIf(notEmpty(link_types)) AS linking,
    countIf(has(link_relations, 'same_as')) AS naming,
    -- The id of a superseded event, too.
    (SELECT countIf(correlation_id != '') FROM event_arrivals WHERE batch > {from_batch:UInt64} AND batch <= {to_batch:UInt64}) AS correlated,
    countIf(trace_id != '') AS spans,
    countIf(idempotency_key != '') AS keyed,
    (SELECT count() FROM alias_edges) AS aliases,
    (SELECT count() FROM quarantine WHERE delivery IN (
        SELECT delivery FROM deliveries WHERE batch > {from_batch:UInt64} AND batch <= {to_batch:UInt64})) AS refused,
    (SELECT count() FROM (
        SELECT 1 FROM event_versions
        WHERE identity IN (
            SELECT sipHash64(source, event_id) FROM events
            WHERE object_hash IN (SELECT object_hash FROM work_seeds) AND batch > {events_from:UInt64} AND batch <= {to_batch:UInt64}
        )
        GROUP BY identity
        HAVING uniqExact((day, content)) > 1
    )) + (SELECT count() FROM finding_rows WHERE detector = 'conflicting_events') AS conflicting,
    (SELECT count() FROM superseded_events WHERE batch > {from_batch:UInt64} AND batch <= {to_batch:UInt64}) AS unsaid
FROM events
WHERE object_hash IN (SELECT object_hash FROM work_seeds) AND batch > {events_from:UInt64} AND batch <= {to_batch:UInt64}
