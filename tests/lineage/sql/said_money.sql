WITH
{{money_words}}
SELECT money_words(toDecimal128(number, 4), code) AS said, number, code
FROM (SELECT arrayJoin(arrayZip({numbers:Array(String)}, {codes:Array(String)})) AS each, each.1 AS number, each.2 AS code)
