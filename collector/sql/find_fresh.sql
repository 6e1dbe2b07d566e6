-- Which admitted rows are new: the first of its identity and content in this commit, and not in event_ids yet.
-- Equal content has an equal occurred_at, so looking into the event's own day is enough.
-- Batches between lost_from and lost_to were never closed: what they left does not make a duplicate, and rows of the
-- same delivery that they did store are marked `here_already`, to be counted but not written again.
INSERT INTO {fresh:Identifier} (seq, record, here_already)
SELECT
    seq,
    record,
    {lost_from:UInt64} <= {lost_to:UInt64} AND (delivery, source, event_id, content_hash) IN (
        SELECT delivery, source, event_id, content_hash
        FROM events
        WHERE batch BETWEEN {lost_from:UInt64} AND {lost_to:UInt64}
            AND object_hash IN (SELECT object_hash FROM {staged:Identifier} WHERE {lost_from:UInt64} <= {lost_to:UInt64})
    ) AS here_already
FROM (
    SELECT
        seq,
        record,
        delivery,
        source,
        event_id,
        content_hash,
        toDate(occurred_at, 'UTC') AS day,
        sipHash64(source, event_id) AS identity
    FROM {staged:Identifier}
    WHERE reason = '' AND NOT skipped
    ORDER BY seq, record
    LIMIT 1 BY identity, content_hash
)
WHERE (day, identity, content_hash) NOT IN (
    SELECT day, identity, content_hash
    FROM event_ids
    WHERE (day, identity) IN (
        SELECT toDate(occurred_at, 'UTC'), sipHash64(source, event_id)
        FROM {staged:Identifier}
        WHERE reason = '' AND NOT skipped
    )
    AND NOT (batch BETWEEN {lost_from:UInt64} AND {lost_to:UInt64})
)
