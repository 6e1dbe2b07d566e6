-- The fingerprint as a detector takes it in, of many errors at once.
SELECT code, message, {{shape}} AS shape, {{fingerprint}} AS fingerprint
FROM (SELECT pair.1 AS code, pair.2 AS message FROM (SELECT arrayJoin(arrayZip({codes:Array(String)}, {messages:Array(String)})) AS pair))
