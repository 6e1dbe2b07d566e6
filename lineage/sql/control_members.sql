-- The objects that the new events are about, or that those take or took money off, each with all its names. One that has only one name
-- is known by it, so that it needs no look-up.
INSERT INTO work_control_members (object_hash, class_hash, class)
WITH
    arrived AS MATERIALIZED (
        SELECT DISTINCT object_hash FROM event_arrivals WHERE batch > {from_batch:UInt64} AND batch <= {to_batch:UInt64}
    ),
    seeds AS MATERIALIZED (
        SELECT object_hash FROM arrived
        UNION DISTINCT
        SELECT sipHash64(link_type, link_id)
        FROM events
        ARRAY JOIN link_types AS link_type, link_ids AS link_id, link_relations AS relation
        WHERE object_hash IN (SELECT object_hash FROM arrived) AND (relation = 'reverses'
            OR relation = 'same_as' AND batch > {from_batch:UInt64} AND batch <= {to_batch:UInt64})
        UNION DISTINCT
        SELECT sipHash64(link_type, link_id)
        FROM superseded_events
        ARRAY JOIN link_types AS link_type, link_ids AS link_id, link_relations AS relation
        WHERE batch > {from_batch:UInt64} AND batch <= {to_batch:UInt64} AND relation IN ('reverses', 'same_as')
        UNION DISTINCT
        -- Who is taken off by what may be reversed itself since this turn.
        SELECT object_hash FROM work_taken
    ),
    classes AS (SELECT object_hash FROM v_aliases WHERE alias_hash IN (SELECT object_hash FROM seeds)),
    named AS MATERIALIZED (SELECT alias_hash, object_hash, object FROM v_aliases WHERE object_hash IN (SELECT object_hash FROM classes))
SELECT alias_hash, object_hash, object FROM named
UNION ALL
SELECT object_hash, object_hash, '' FROM seeds WHERE object_hash NOT IN (SELECT alias_hash FROM named)
