-- What the new events link to: an object may be known only from links, and a reversal changes the object it reverses.
INSERT INTO work_seeds (object_hash, object_type, object_id)
SELECT DISTINCT sipHash64(link_type, link_id), link_type, link_id
FROM events
ARRAY JOIN link_types AS link_type, link_ids AS link_id, link_relations AS relation
WHERE object_hash IN (SELECT object_hash FROM work_seeds)
    AND batch > {events_from:UInt64} AND batch <= {to_batch:UInt64}
    AND relation IN ('from', 'amends', 'reverses', 'same_as')
