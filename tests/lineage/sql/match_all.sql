SELECT expression, text
FROM (SELECT arrayJoin({expressions:Array(String)}) AS expression) AS one
CROSS JOIN (SELECT arrayJoin({texts:Array(String)}) AS text) AS other
WHERE match(text, expression)
GROUP BY expression, text
