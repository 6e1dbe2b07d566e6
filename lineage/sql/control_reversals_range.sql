-- What ok events take off other objects: the amount of the link, else the money of the event, else (NULL) all of it.
INSERT INTO control_reversals (target_hash, by_hash, occurred_at, source, event_id, content_hash, taken, currency)
SELECT
    sipHash64(link_type, link_id) AS target_hash, object_hash, occurred_at, source, event_id, content_hash,
    if(countIf(said IS NULL) > 0, NULL, sum(abs(said))), any(currency)
FROM (
    SELECT object_hash, occurred_at, source, event_id, content_hash, currency, link_type, link_id, coalesce(link_amount, amount) AS said
    FROM events
    ARRAY JOIN link_types AS link_type, link_ids AS link_id, link_relations AS relation, link_amounts AS link_amount
    WHERE relation = 'reverses' AND outcome = 'ok'
        AND object_hash >= {from_hash:UInt64} AND object_hash <= {to_hash:UInt64}
)
GROUP BY target_hash, object_hash, occurred_at, source, event_id, content_hash
