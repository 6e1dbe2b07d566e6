-- Whether the objects of the new events ever told any money; whether these events take money off others, or give names; and
-- whether any of the objects has several names.
SELECT
    countIf(measure != '' AND amount IS NOT NULL) AS money,
    countIf(batch > {from_batch:UInt64} AND batch <= {to_batch:UInt64} AND hasAny(link_relations, ['reverses', 'same_as'])) AS linking,
    (SELECT count() FROM alias_classes WHERE object_hash IN (
        SELECT object_hash FROM event_arrivals WHERE batch > {from_batch:UInt64} AND batch <= {to_batch:UInt64})) AS aliases
FROM events
WHERE object_hash IN (SELECT object_hash FROM event_arrivals WHERE batch > {from_batch:UInt64} AND batch <= {to_batch:UInt64})
