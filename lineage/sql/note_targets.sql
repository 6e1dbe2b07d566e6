-- Every link that the events of the changed objects assert: `from`, and the older object that is amended or reversed.
-- The object of a linked span counts as `from`, once that span is here. `taken` is what a reversal takes off: the link's
-- amount, else the money of the reversing event, else (none) the whole; in the currency of the event, if it has one. Events are
-- numbered in their order, which is (occurred_at, source, event_id, content_hash) and never arrival.
INSERT INTO work_targets (
    class_hash, object_type, target_hash, target_type, target_id, relation, link_amount, taken, currency, ok, place, said_at, event_id
)
WITH linking AS MATERIALIZED (
    SELECT member.class_hash AS class_hash, e.object_type AS object_type, e.outcome AS outcome, e.amount AS amount,
        toString(e.currency) AS currency, (e.occurred_at, toString(e.source), e.event_id, toString(e.content_hash)) AS said_at, e.place AS place,
        e.event_id AS event_id, e.link_types AS link_types, e.link_ids AS link_ids, e.link_relations AS link_relations,
        e.link_amounts AS link_amounts, e.span_links AS span_links
    FROM (
        SELECT *, rowNumberInAllBlocks() AS place
        FROM (
            SELECT object_hash, object_type, occurred_at, source, event_id, content_hash, outcome, amount, currency, link_types,
                link_ids, link_relations, link_amounts, span_links
            FROM work_said
            WHERE notEmpty(link_types) OR notEmpty(span_links)
            ORDER BY occurred_at, source, event_id, content_hash
        )
    ) AS e
    INNER JOIN (SELECT object_hash, class_hash FROM work_members) AS member ON member.object_hash = e.object_hash
)
SELECT
    class_hash, object_type, sipHash64(link_type, link_id), link_type, link_id, relation,
    link_amount, abs(coalesce(link_amount, amount)), currency, outcome = 'ok', place,
    if(relation = 'reverses', said_at, (toDateTime64(0, 6, 'UTC'), '', '', '')), event_id
FROM linking
ARRAY JOIN link_types AS link_type, link_ids AS link_id, link_relations AS relation, link_amounts AS link_amount
WHERE relation IN ('from', 'amends', 'reverses')
UNION ALL
SELECT
    e.class_hash, e.object_type, span.object_hash, span.object_type, span.object_id, 'from',
    NULL, NULL, '', e.outcome = 'ok', e.place, (toDateTime64(0, 6, 'UTC'), '', '', ''), e.event_id
FROM (
    SELECT class_hash, object_type, outcome, place, event_id, splitByChar('-', span_link) AS parts
    FROM linking
    ARRAY JOIN span_links AS span_link
) AS e
INNER JOIN (
    SELECT trace_id, span_id, object_hash, object_type, object_id
    FROM event_spans
    WHERE linked = 0 AND (trace_id, span_id) IN (
        SELECT splitByChar('-', span_link)[1], splitByChar('-', span_link)[2]
        FROM work_said
        ARRAY JOIN span_links AS span_link
    )
) AS span ON span.trace_id = e.parts[1] AND span.span_id = e.parts[2]
