-- Everything that what is told of these objects can hang on: their other names, what they were made from and what was made from
-- them (a link that ever held may have held then), who carries their ids and keys, who says the same, and whom a match rule may have
-- compared them with. What an event of that time says itself is read from the copy; what others say of it from the tables that the
-- wheel looks into, and from what it has not taken yet.
INSERT INTO {copy:Identifier}.work_ancestors (depth, object_hash, object_type, object_id)
WITH
    here AS MATERIALIZED (SELECT object_hash FROM {copy:Identifier}.work_ancestors WHERE depth = {depth:UInt32}),
    told AS MATERIALIZED (SELECT * FROM {copy:Identifier}.events WHERE object_hash IN (SELECT object_hash FROM here)),
    fresh AS MATERIALIZED (
        SELECT object_hash, idempotency_key, link_types, link_ids, link_relations FROM events
        WHERE object_hash IN (SELECT object_hash FROM event_arrivals WHERE batch > {taken:UInt64})
    )
SELECT DISTINCT {depth:UInt32} + 1, found_hash, '', ''
FROM (
    SELECT other_hash AS found_hash FROM alias_edges WHERE object_hash IN (SELECT object_hash FROM here)
    UNION ALL
    SELECT class_hash FROM alias_classes WHERE object_hash IN (SELECT object_hash FROM here)
    UNION ALL
    SELECT up_hash FROM links_up WHERE down_hash IN (SELECT object_hash FROM here)
    UNION ALL
    SELECT down_hash FROM links_down WHERE up_hash IN (SELECT object_hash FROM here)
    UNION ALL
    SELECT sipHash64(up_type, up_id) FROM told ARRAY JOIN link_types AS up_type, link_ids AS up_id, link_relations AS relation
    WHERE relation != 'part_of'
    UNION ALL
    SELECT object_hash FROM fresh ARRAY JOIN link_types AS up_type, link_ids AS up_id, link_relations AS relation
    WHERE relation != 'part_of' AND sipHash64(up_type, up_id) IN (SELECT object_hash FROM here)
    UNION ALL
    SELECT object_hash FROM correlations
    WHERE correlation_hash IN (SELECT sipHash64(correlation_id) FROM told WHERE correlation_id != '')
    UNION ALL
    SELECT object_hash FROM idempotency_uses
    WHERE key_hash IN (SELECT sipHash64(idempotency_key) FROM told WHERE idempotency_key != '')
    UNION ALL
    SELECT object_hash FROM fresh WHERE idempotency_key != '' AND idempotency_key IN (SELECT idempotency_key FROM told)
    UNION ALL
    SELECT object_hash FROM event_spans
    WHERE (trace_id, span_id) IN (
        SELECT trace_id, span_id FROM told WHERE trace_id != ''
        UNION ALL
        SELECT splitByChar('-', link)[1], splitByChar('-', link)[2] FROM told ARRAY JOIN span_links AS link
    )
    UNION ALL
    SELECT other_hash FROM likenesses WHERE key_hash IN (SELECT object_hash FROM here)
    UNION ALL
    SELECT other_hash FROM match_keys WHERE key_hash IN (SELECT object_hash FROM here)
)
WHERE found_hash NOT IN (SELECT object_hash FROM {copy:Identifier}.work_ancestors)
