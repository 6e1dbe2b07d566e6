-- The highest commit number that left any trace; `events` is read too, as a commit may have ended anywhere.
SELECT max(batch) FROM (
    SELECT max(batch) AS batch FROM batches
    UNION ALL SELECT max(batch) FROM delivery_closings
    UNION ALL SELECT max(batch) FROM deliveries
    UNION ALL SELECT max(batch) FROM quarantine
    UNION ALL SELECT max(batch) FROM event_ids
    UNION ALL SELECT max(batch) FROM events
)
