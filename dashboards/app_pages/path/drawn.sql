-- What the picture of a path draws: alike events of one system within an hour are one step.
SELECT
    min(at) AS occurred_at,
    max(at) AS until,
    source,
    any(source_role) AS source_role,
    object_type,
    action,
    outcome,
    count() AS events,
    uniqExact(id) AS objects,
    min(id) AS object_id,
    sumOrNull(money) AS amount,
    maxIf(money_currency, money_currency != '') AS currency,
    uniqExactIf(money_currency, money_currency != '') AS currencies,
    max(code) AS error_code,
    max(message) AS error_message,
    count() OVER () AS steps
FROM (
    SELECT
        occurred_at AS at, source, role AS source_role, object_type, object_id AS id, action, outcome, amount AS money,
        currency AS money_currency, error_code AS code, error_message AS message
    FROM v_events
    WHERE
        (object_type, object_id) IN (SELECT object_type, object_id FROM v_path_objects WHERE {{this_root}})
        AND occurred_at <= {now:DateTime64(6, 'UTC')}
)
GROUP BY source, object_type, action, outcome, toStartOfHour(at)
ORDER BY occurred_at, source, object_type, action
LIMIT {drawn:UInt32}
