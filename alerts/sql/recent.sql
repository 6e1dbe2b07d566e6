-- The newest notifications with what became of each.
SELECT number, notification_id, rule, channel, state, reason, severity, title, evaluated_at,
    length(finding_ids) AS alerts, attempts, outcome, trouble, detail, attempted_at, retry_at
FROM (
    SELECT *
    FROM notifications
    WHERE ({rule:String} = '' OR rule = {rule:String})
        AND ({channel:String} = '' OR channel = {channel:String})
        AND ({finding:String} = '' OR has(finding_ids, {finding:String}))
    ORDER BY number DESC, notification_id
    LIMIT {limit:UInt32}
) AS newest
LEFT JOIN (
    SELECT notification_id, uniqExact(attempt) AS attempts,
        argMax(outcome, (attempt, outcome != 'retry')) AS outcome,
        argMax(trouble, attempt) AS trouble,
        argMax(detail, attempt) AS detail, max(notification_attempts.attempted_at) AS attempted_at,
        argMax(retry_at, attempt) AS retry_at
    FROM notification_attempts
    GROUP BY notification_id
) AS tried USING (notification_id)
ORDER BY number DESC, notification_id
LIMIT 1 BY notification_id
