-- Reversals that superseded events said and no event of the object says any more.
DELETE FROM control_reversals
WHERE by_hash IN (
    SELECT object_hash FROM superseded_events
    WHERE batch > {from_batch:UInt64} AND batch <= {to_batch:UInt64} AND has(link_relations, 'reverses')
)
AND (by_hash, source, event_id, content_hash) NOT IN (
    SELECT object_hash, source, event_id, content_hash FROM events
    WHERE object_hash IN (
        SELECT object_hash FROM superseded_events
        WHERE batch > {from_batch:UInt64} AND batch <= {to_batch:UInt64} AND has(link_relations, 'reverses')
    )
)
