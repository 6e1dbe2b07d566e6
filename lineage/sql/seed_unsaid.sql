-- What superseded events had to do with: who shares a key with them, who is linked to a span of theirs, and whom they said to be the
-- same.
INSERT INTO work_seeds (object_hash, object_type, object_id)
SELECT object_hash, object_type, object_id
FROM idempotency_uses
WHERE key_hash IN (
    SELECT sipHash64(idempotency_key) FROM superseded_events
    WHERE batch > {from_batch:UInt64} AND batch <= {to_batch:UInt64} AND idempotency_key != ''
)
UNION ALL
SELECT object_hash, object_type, object_id
FROM event_spans
WHERE linked = 1 AND (trace_id, span_id) IN (
    SELECT trace_id, span_id FROM superseded_events
    WHERE batch > {from_batch:UInt64} AND batch <= {to_batch:UInt64} AND trace_id != ''
)
UNION ALL
SELECT sipHash64(object_type, named), object_type, named
FROM (SELECT object_type, arrayJoin([object_id, other_id]) AS named FROM ({{unsaid_ends}}))
;
INSERT INTO work_labels (round, object_hash, object_type, object_id, label)
SELECT DISTINCT 0, sipHash64(object_type, named), object_type, named, named
FROM (SELECT object_type, arrayJoin([object_id, other_id]) AS named FROM ({{unsaid_ends}}))
