-- What each object on a path has done in the stages of the process.
INSERT INTO work_parts (
    process, object_hash, object_key, object_type, reversed, first_at, last_at, own_stages, done_stages, failed, is_root, firsts
)
WITH
    9223372036854775807 AS never,
    (toDateTime64(0, 6, 'UTC'), '', '', '') AS nothing,
    -- The last word of a revenue event decides: a new approval reopens what was reversed. Other objects stay reversed.
    bitTest(marks, 1) OR (bitTest(marks, 0) AND (types[1] != object_type
        OR arrayMax(arrayMap(act -> if(act.1 IN ('rejected', 'reversed', 'cancelled') AND act.4 > 0, act.6, nothing), acts))
            > arrayMax(arrayMap(act -> if(has(actions[1], act.1) AND act.1 NOT IN ('rejected', 'reversed', 'cancelled') AND act.4 > 0, act.6, nothing), acts))
    )) AS reversed
SELECT
    process, object_hash, concat(object_type, '/', object_id), object_type, reversed, first_at, last_at,
    arraySum(arrayMap(place -> if(types[place] = object_type AND NOT reversed, bitShiftLeft(toUInt64(1), place - 1), 0), places)) AS own,
    arraySum(arrayMap(place -> if(firsts[place] < never, bitShiftLeft(toUInt64(1), place - 1), 0), places)),
    NOT reversed AND notEmpty(open_failures),
    types[1] = object_type,
    arrayMap(place -> if(types[place] != object_type OR reversed, never, arrayMin(arrayPushBack(arrayMap(
        act -> if(act.4 > 0 AND has(actions[place], act.1) AND (empty(roles[place]) OR has(roles[place], act.2)),
            toUnixTimestamp64Micro(act.5), never), acts), never))), places) AS firsts
FROM (
    SELECT
        node.process AS process, object.object_hash AS object_hash, toString(object.object_type) AS object_type, object.object_id AS object_id,
        object.acts AS acts, object.first_at AS first_at, object.last_at AS last_at,
        state.reversed AS marks, state.open_failures AS open_failures,
        config.types AS types, config.actions AS actions, config.roles AS roles, arrayEnumerate(config.types) AS places
    FROM (SELECT process, object_hash FROM work_nodes WHERE depth = {depth:UInt32}) AS node
    INNER JOIN (
        SELECT object_hash, object_type, object_id, acts, first_at, last_at
        FROM objects FINAL
        WHERE object_hash IN (SELECT object_hash FROM work_nodes WHERE depth = {depth:UInt32}) AND NOT deleted
    ) AS object ON object.object_hash = node.object_hash
    LEFT JOIN (
        SELECT object_hash, reversed, open_failures
        FROM object_states FINAL
        WHERE object_hash IN (SELECT object_hash FROM work_nodes WHERE depth = {depth:UInt32})
    ) AS state ON state.object_hash = node.object_hash
    INNER JOIN (
        SELECT process, groupArray(toString(object_type)) AS types, groupArray(actions) AS actions, groupArray(roles) AS roles
        FROM (SELECT * FROM process_stages ORDER BY process, position)
        GROUP BY process
    ) AS config ON config.process = node.process
)
