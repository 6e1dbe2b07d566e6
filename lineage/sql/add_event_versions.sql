-- What the new events are known by, so that two of one identity are found by it.
INSERT INTO event_versions (identity, day, content)
SELECT DISTINCT sipHash64(source, event_id), toDate(occurred_at, 'UTC'), reinterpretAsUInt32(substring(toString(content_hash), 1, 4))
FROM events
WHERE object_hash IN (SELECT object_hash FROM work_seeds) AND batch > {events_from:UInt64} AND batch <= {to_batch:UInt64}
