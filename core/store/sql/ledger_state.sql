-- The latest word on each migration and view; a completed row wins over an in_progress one of the same instant.
SELECT part, name, tupleElement(latest, 1) AS sha256, tupleElement(latest, 2) AS status
FROM (
    SELECT part, name, argMax((sha256, status), (changed_at, status = 'completed')) AS latest
    FROM schema_ledger
    GROUP BY part, name
)
