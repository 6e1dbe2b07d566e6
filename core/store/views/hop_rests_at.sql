-- How long the way from each step to that of the cutoff takes in hours, once the step is through: the middle one of 100 days.
CREATE OR REPLACE VIEW hop_rests_at {{on_cluster}} AS
SELECT process, stages[number] AS stage,
    quantileExact(0.5)(greatest(dateDiff('second', assumeNotNull(completed[number]), assumeNotNull(completed[cutoff_place])), 0)) / 3600 AS rest_hours
FROM (
    SELECT path.process AS process, path.stages AS stages, path.completed AS completed, rule.cutoff_place AS cutoff_place
    FROM (
        SELECT process, stages, completed FROM paths FINAL
        WHERE NOT deleted AND NOT cancelled AND last_event_at > {now:DateTime64(6, 'UTC')} - INTERVAL 100 DAY
    ) AS path
    INNER JOIN (SELECT process, position AS cutoff_place FROM process_stages WHERE is_cutoff) AS rule ON rule.process = path.process
)
ARRAY JOIN arrayEnumerate(stages) AS number
WHERE number <= cutoff_place AND completed[number] IS NOT NULL AND completed[cutoff_place] IS NOT NULL
    AND completed[cutoff_place] <= {now:DateTime64(6, 'UTC')}
GROUP BY process, stage
