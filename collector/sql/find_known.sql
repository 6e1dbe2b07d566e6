-- Which of some records are in event_ids already, by their places from 1 on; 0 is other content.
-- Texts come as hex, so that any byte may be in them.
WITH
    arrayMap((source, id) -> sipHash64(unhex(source), unhex(id)), {sources:Array(String)}, {ids:Array(String)}) AS identities,
    arrayMap(at -> toDate(fromUnixTimestamp64Micro(at, 'UTC'), 'UTC'), {instants:Array(Int64)}) AS days,
    arrayZip(days, identities, {contents:Array(String)}) AS asked
SELECT DISTINCT indexOf(asked, (day, identity, hex(content_hash))) AS place
FROM event_ids
-- A list would be walked for every row of the table; a set finds its rows by the order of the table.
WHERE (day, identity) IN (SELECT one.1, one.2 FROM (SELECT arrayJoin(asked) AS one))
SETTINGS max_threads = 1
