-- Alerts that fire, by rule and channel: the last thing told of each finding says so.
SELECT rule, channel, count() AS firing, min(since) AS oldest
FROM (
    SELECT rule, channel, finding_id, argMax(state, number) AS last_state, max(evaluated_at) AS since
    FROM notifications
    ARRAY JOIN finding_ids AS finding_id, states AS state
    GROUP BY rule, channel, finding_id
    HAVING last_state = 'firing'
)
GROUP BY rule, channel
ORDER BY rule, channel
