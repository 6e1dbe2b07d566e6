-- The first of some commits of which something is missing that its `batches` row says is there: only `deliveries` is synced
-- to disk, so the loss of power may take what else was written in the minutes before, a part here and a part there. Closings
-- are compared with what is stored; then everything that views make of events, by the keys that it is kept under.
SELECT min(found.batch) AS batch
FROM (
    SELECT batch FROM (
{{unbalanced}}
    )
    UNION ALL
    SELECT batch
    FROM (
        SELECT
            batch,
            toDate(occurred_at, 'UTC') AS day,
            sipHash64(source, event_id) AS identity,
            content_hash
        FROM events
        WHERE batch BETWEEN {first:UInt64} AND {last:UInt64}
    )
    WHERE (day, identity, content_hash) NOT IN (
        SELECT day, identity, content_hash FROM event_ids WHERE batch >= {first:UInt64}
    )
    UNION ALL
    SELECT made.newest AS batch
    FROM (
        SELECT object_hash, max(batch) AS newest
        FROM events
        WHERE batch BETWEEN {first:UInt64} AND {last:UInt64}
        GROUP BY object_hash
    ) AS made
    LEFT JOIN (
        SELECT object_hash, max(batch) AS newest
        FROM event_arrivals
        WHERE batch >= {first:UInt64}
        GROUP BY object_hash
    ) AS arrived ON arrived.object_hash = made.object_hash
    WHERE arrived.newest < made.newest
    UNION ALL
    SELECT batch
    FROM events
    WHERE batch BETWEEN {first:UInt64} AND {last:UInt64} AND correlation_id != ''
        AND (sipHash64(correlation_id), object_hash) NOT IN (
            SELECT correlation_hash, object_hash
            FROM correlations
            WHERE correlation_hash IN (
                SELECT sipHash64(correlation_id)
                FROM events
                WHERE batch BETWEEN {first:UInt64} AND {last:UInt64} AND correlation_id != ''
            )
        )
    UNION ALL
    SELECT batch
    FROM events
    WHERE batch BETWEEN {first:UInt64} AND {last:UInt64} AND trace_id != ''
        AND (trace_id, object_hash) NOT IN (
            SELECT trace_id, object_hash
            FROM event_spans
            WHERE trace_id IN (
                SELECT trace_id
                FROM events
                WHERE batch BETWEEN {first:UInt64} AND {last:UInt64} AND trace_id != ''
            )
        )
) AS found
HAVING count() > 0
