-- The last change that each channel was told of each finding, among the evaluations after {after}. From the
-- beginning only what still fires is of use; later a resolved one says what to forget. Findings are read
-- only for the numbers that hold a last change, since they are the bulk of the table.
WITH last AS (
    SELECT rule, channel, finding_id, max(number) AS last_number, argMax(state, number) AS last_state
    FROM notifications
    ARRAY JOIN finding_ids AS finding_id, states AS state
    WHERE number > {after:UInt64}
    GROUP BY rule, channel, finding_id
    HAVING {after:UInt64} > 0 OR last_state = 'firing'
)
SELECT told.rule AS rule, told.channel AS channel, told.finding_id AS finding_id,
    last.last_state AS state, told.finding AS finding, told.evaluated_at AS evaluated_at
FROM (
    SELECT number, rule, channel, evaluated_at, finding_id, finding
    FROM notifications
    ARRAY JOIN finding_ids AS finding_id, findings AS finding
    WHERE number IN (SELECT last_number FROM last)
) AS told
INNER JOIN last
    ON told.rule = last.rule AND told.channel = last.channel AND told.finding_id = last.finding_id
    AND told.number = last.last_number
LIMIT 1 BY rule, channel, finding_id
