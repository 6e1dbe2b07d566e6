SELECT sipHash64(pair.1, pair.2) AS hash FROM (SELECT arrayJoin(arrayZip({types:Array(String)}, {ids:Array(String)})) AS pair)
