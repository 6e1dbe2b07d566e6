-- Who sent events in these batches, whose refused records a replay in them has settled, though it may have stored nothing new, and who
-- is unknown or was expected: what is declared of them may have changed meanwhile.
INSERT INTO work_sources (source)
SELECT DISTINCT toString(source) FROM events
WHERE object_hash IN (SELECT object_hash FROM event_arrivals WHERE batch > {from_batch:UInt64} AND batch <= {to_batch:UInt64})
    AND batch > {from_batch:UInt64} AND batch <= {to_batch:UInt64}
UNION DISTINCT
SELECT DISTINCT toString(source) FROM finding_rows WHERE detector IN ('unknown_source', 'silent_source')
UNION DISTINCT
SELECT DISTINCT toString(source) FROM quarantine
WHERE source != '' AND (delivery, record) IN (
    SELECT delivery, record FROM quarantine_resolutions
    WHERE replay IN (SELECT delivery FROM deliveries WHERE batch > {from_batch:UInt64} AND batch <= {to_batch:UInt64})
        -- Most turns have no replay, and then nothing of what was ever settled is read.
        AND (
            SELECT count() FROM delivery_origins
            WHERE replays != '' AND delivery IN (SELECT delivery FROM deliveries WHERE batch > {from_batch:UInt64} AND batch <= {to_batch:UInt64})
        ) > 0
)
