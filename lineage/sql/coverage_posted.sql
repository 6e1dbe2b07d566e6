SELECT process, currency, coverage, grade, sum(postings) AS postings, sum(amount) AS amount
FROM v_coverage
WHERE {process:String} = '' OR process = {process:String}
GROUP BY process, currency, coverage, grade
ORDER BY process, currency, coverage, grade
