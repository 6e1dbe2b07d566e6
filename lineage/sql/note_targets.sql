-- Every link that the events of the changed objects assert: `from`, and the older object that is amended or reversed.
-- The object of a linked span counts as `from`, once that span is here. `taken` is what a reversal takes off: the link's
-- amount, else the money of the reversing event, else (none) the whole.
INSERT INTO work_targets (
    class_hash, object_type, target_hash, target_type, target_id, relation, link_amount, taken, ok, occurred_at, source, event_id, content_hash
)
SELECT
    member.class_hash, e.object_type, sipHash64(e.link_type, e.link_id), e.link_type, e.link_id, e.relation,
    e.link_amount, coalesce(e.link_amount, e.amount), e.outcome = 'ok', e.occurred_at, e.source, e.event_id, e.content_hash
FROM (
    SELECT object_hash, object_type, outcome, occurred_at, source, event_id, content_hash, amount,
        link_type, link_id, relation, link_amount
    FROM events
    ARRAY JOIN link_types AS link_type, link_ids AS link_id, link_relations AS relation, link_amounts AS link_amount
    WHERE object_hash IN (SELECT object_hash FROM work_members) AND relation IN ('from', 'amends', 'reverses')
) AS e
INNER JOIN (SELECT object_hash, class_hash FROM work_members) AS member ON member.object_hash = e.object_hash
UNION ALL
SELECT
    member.class_hash, e.object_type, span.object_hash, span.object_type, span.object_id, 'from',
    NULL, NULL, e.outcome = 'ok', e.occurred_at, e.source, e.event_id, e.content_hash
FROM (
    SELECT object_hash, object_type, outcome, occurred_at, source, event_id, content_hash, span_link
    FROM events
    ARRAY JOIN span_links AS span_link
    WHERE object_hash IN (SELECT object_hash FROM work_members)
) AS e
INNER JOIN (SELECT object_hash, class_hash FROM work_members) AS member ON member.object_hash = e.object_hash
INNER JOIN (
    SELECT trace_id, span_id, object_hash, object_type, object_id
    FROM event_spans
    WHERE linked = 0 AND (trace_id, span_id) IN (
        SELECT splitByChar('-', span_link)[1], splitByChar('-', span_link)[2]
        FROM events
        ARRAY JOIN span_links AS span_link
        WHERE object_hash IN (SELECT object_hash FROM work_members)
    )
) AS span ON span.trace_id = splitByChar('-', e.span_link)[1] AND span.span_id = splitByChar('-', e.span_link)[2]
