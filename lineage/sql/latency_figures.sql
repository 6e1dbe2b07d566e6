SELECT
    group_name AS "group", process, stage, count() AS hops, countIf(is_early) AS early, countIf(work > 0) AS worked,
    countIf(is_late) AS late, late / hops AS late_share, sum(wait) / nullIf(sum(elapsed), 0) AS wait_share,
    quantilesExactInclusive(0.5, 0.9, 0.95, 0.99)(elapsed) AS elapsed_quantiles, max(elapsed) AS elapsed_max,
    quantilesExactInclusive(0.5, 0.9, 0.95, 0.99)(wait) AS wait_quantiles, max(wait) AS wait_max,
    quantilesExactInclusive(0.5, 0.9, 0.95, 0.99)(work) AS work_quantiles, max(work) AS work_max,
    quantilesExactInclusive(0.5, 0.9, 0.95, 0.99)(business) AS business_quantiles, max(business) AS business_max,
    quantilesExactInclusive(0.5, 0.9, 0.95, 0.99)(business_wait) AS business_wait_quantiles, max(business_wait) AS business_wait_max,
    quantilesExactInclusive(0.5, 0.9, 0.95, 0.99)(business_work) AS business_work_quantiles, max(business_work) AS business_work_max
FROM grouped
GROUP BY group_name, process, stage, position
