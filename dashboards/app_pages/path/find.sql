-- The revenue events that a key leads to: their own id, an object on their way, a reference, a contract ...
SELECT found.how AS how, path.root AS root, path.process AS process, path.state AS state, path.net AS amount,
    path.currency AS currency, path.contract AS contract, path.customer AS customer, path.legal_entity AS legal_entity,
    path.next_stage AS next_stage, path.started_at AS started_at, count() OVER () AS roots
FROM (
    SELECT root, argMin(why, place) AS how
    FROM (
        SELECT root, 'on its path' AS why, 1 AS place
        FROM v_path_objects
        WHERE object = {key:String} OR object_id = {key:String}
        UNION ALL
        SELECT root, multiIf(contract = {key:String}, 'contract', project = {key:String}, 'project', 'customer'), 3
        FROM paths_at(now = {now:DateTime64(6, 'UTC')})
        WHERE contract = {key:String} OR project = {key:String} OR customer = {key:String}
        UNION ALL
        SELECT root, 'reference', 2
        FROM v_path_objects
        WHERE (object_type, object_id) IN (
            SELECT object_type, object_id
            FROM v_events
            WHERE correlation_id = {key:String} OR trace_id = {key:String} OR idempotency_key = {key:String}
        )
    )
    GROUP BY root
) AS found
INNER JOIN (SELECT * FROM paths_at(now = {now:DateTime64(6, 'UTC')})) AS path ON path.root = found.root
ORDER BY path.state = 'complete', path.started_at, path.root
LIMIT {rows:UInt32} OFFSET {offset:UInt64}
