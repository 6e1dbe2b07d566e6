-- The closed batches after the last turn, as many as one turn takes, but at least one.
SELECT max(batch) AS to_batch, sum(rows) AS events, max(admitted_at) AS watermark
FROM (
    SELECT batch, rows, admitted_at, sum(rows) OVER (ORDER BY batch ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS running
    FROM batches
    WHERE batch > {batch:UInt64}
)
WHERE running <= {events_max:UInt64} OR running = rows
