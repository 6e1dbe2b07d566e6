-- Who waited for a span that has now come: its link to that span's object can be made.
INSERT INTO work_seeds (object_hash, object_type, object_id)
SELECT DISTINCT object_hash, object_type, object_id
FROM event_spans
WHERE linked = 1 AND (trace_id, span_id) IN (
    SELECT trace_id, span_id
    FROM events
    WHERE object_hash IN (SELECT object_hash FROM work_seeds)
        AND batch > {events_from:UInt64} AND batch <= {to_batch:UInt64} AND trace_id != ''
)
