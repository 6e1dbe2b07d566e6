-- The contents of a part of a day's events; identities are hashes, so equal ranges of them hold about as many.
SELECT groupArray(content_hash) AS contents
FROM event_ids
WHERE day = {day:Date} AND identity BETWEEN {first:UInt64} AND {last:UInt64}
