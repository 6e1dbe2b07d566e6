-- Which admitted rows are not to be written: those whose identity and content an earlier row of this commit or event_ids
-- has. Asked only where count_repeated has found some, or batches were lost.
-- Equal content has an equal occurred_at, so looking into the event's own day is enough.
-- Batches between lost_from and lost_to were never closed: what they left does not make a duplicate, and rows of the
-- same delivery that they did store are marked `here_already`, to be counted but not written again.
INSERT INTO {repeated:Identifier} (seq, record, here_already)
WITH
keyed AS (
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
),
found AS (
    SELECT
        *,
        (identity, content_hash) IN (SELECT identity, content_hash FROM keyed GROUP BY identity, content_hash HAVING count() > 1)
            AND (seq, record) NOT IN (SELECT min((seq, record)) FROM keyed GROUP BY identity, content_hash HAVING count() > 1)
            OR (day, identity, content_hash) IN (
                SELECT day, identity, content_hash
                FROM event_ids
                WHERE (day, identity) IN (SELECT day, identity FROM keyed)
                    AND NOT (batch BETWEEN {lost_from:UInt64} AND {lost_to:UInt64})
            ) AS duplicate
    FROM keyed
)
SELECT
    seq,
    record,
    NOT duplicate AS here_already
FROM found
WHERE duplicate OR {lost_from:UInt64} <= {lost_to:UInt64} AND (delivery, source, event_id, content_hash) IN (
    SELECT delivery, source, event_id, content_hash
    FROM events
    WHERE batch BETWEEN {lost_from:UInt64} AND {lost_to:UInt64}
        AND object_hash IN (SELECT object_hash FROM {staged:Identifier} WHERE {lost_from:UInt64} <= {lost_to:UInt64})
)
