-- Every link that the events of the changed objects assert: `from`, and the older object that is amended or reversed.
-- The object of a linked span counts as `from`, once that span is here. `taken` is what a reversal takes off: the link's
-- amount, else the money of the reversing event, else (none) the whole.
INSERT INTO work_targets (
    class_hash, object_type, target_hash, target_type, target_id, relation, link_amount, taken, ok, place, event_id
)
SELECT
    class_hash, object_type, sipHash64(link_type, link_id), link_type, link_id, relation,
    link_amount, coalesce(link_amount, amount), outcome = 'ok', place, event_id
FROM work_events
ARRAY JOIN link_types AS link_type, link_ids AS link_id, link_relations AS relation, link_amounts AS link_amount
WHERE relation IN ('from', 'amends', 'reverses')
UNION ALL
SELECT
    e.class_hash, e.object_type, span.object_hash, span.object_type, span.object_id, 'from',
    NULL, NULL, e.outcome = 'ok', e.place, e.event_id
FROM (
    SELECT class_hash, object_type, outcome, place, event_id, splitByChar('-', span_link) AS parts
    FROM work_events
    ARRAY JOIN span_links AS span_link
) AS e
INNER JOIN (
    SELECT trace_id, span_id, object_hash, object_type, object_id
    FROM event_spans
    WHERE linked = 0 AND (trace_id, span_id) IN (
        SELECT splitByChar('-', span_link)[1], splitByChar('-', span_link)[2]
        FROM work_events
        ARRAY JOIN span_links AS span_link
    )
) AS span ON span.trace_id = e.parts[1] AND span.span_id = e.parts[2]
