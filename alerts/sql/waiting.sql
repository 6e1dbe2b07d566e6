-- Notifications after {after} that have neither arrived nor been given up, with the attempts made so far.
SELECT number, notification_id, rule, rule_version, channel, state, reason, severity, title, body,
    evaluated_at, finding_ids, attempts, retry_at
FROM (
    SELECT *
    FROM notifications
    WHERE number > {after:UInt64}
        AND notification_id NOT IN (
            SELECT notification_id
            FROM notification_attempts
            WHERE number > {after:UInt64} AND outcome != 'retry'
        )
) AS waiting
LEFT JOIN (
    SELECT notification_id, uniqExact(attempt) AS attempts, argMax(retry_at, attempt) AS retry_at
    FROM notification_attempts
    WHERE number > {after:UInt64}
    GROUP BY notification_id
) AS tried USING (notification_id)
-- The worst first; a severity that nobody knows has place 0, before them all.
ORDER BY number, indexOf(['critical', 'warning', 'info'], severity), rule, notification_id
LIMIT 1 BY notification_id
