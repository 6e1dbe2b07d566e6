-- Which of some records are in event_ids already, by their places from 1 on; 0 is other content.
-- Texts come as hex, so that any byte may be in them.
WITH
    arrayMap((source, id) -> sipHash64(unhex(source), unhex(id)), {sources:Array(String)}, {ids:Array(String)}) AS identities,
    arrayMap(at -> toDate(fromUnixTimestamp64Micro(at, 'UTC'), 'UTC'), {instants:Array(Int64)}) AS days,
    arrayZip(days, identities) AS asked,
    arrayZip(days, identities, {contents:Array(String)}) AS asked_whole
SELECT DISTINCT indexOf(asked_whole, (day, identity, hex(content_hash))) AS place
FROM event_ids
-- No condition on the place: it would be computed for every row that is read, before the others are sorted out.
WHERE (day, identity) IN asked
SETTINGS max_threads = 1
