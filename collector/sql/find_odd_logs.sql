-- Which landed requests have records that are not staged yet.
SELECT landed.seq AS seq
FROM (
    SELECT one.seq AS seq, arraySum(part -> arraySum(scope -> length(scope.log_records), part.scope_logs), one.request.resource_logs) AS records
    FROM landing_lean_logs
    ARRAY JOIN deliveries AS one
) AS landed
LEFT JOIN (SELECT seq, count() AS records FROM {staged:Identifier} GROUP BY seq) AS done ON done.seq = landed.seq
WHERE landed.records != done.records
ORDER BY seq
