-- What each object behind a revenue event has done in the stages of the process.
INSERT INTO work_parts (
    node, rank, process, object_hash, object_key, reversed, corrects, first_at, last_at, own_stages, done_stages, failed, is_root, firsts
)
WITH
    9223372036854775807 AS never,
    (toDateTime64(0, 6, 'UTC'), '', '', '') AS nothing,
    -- The last word of a revenue event decides: a new approval reopens what was reversed. Other objects stay reversed.
    bitTest(marks, 1) OR (bitTest(marks, 0) AND (NOT is_root
        OR arrayMax(arrayMap(act -> if(act.1 IN ('rejected', 'reversed', 'cancelled') AND act.4 > 0, act.6, nothing), acts))
            > arrayMax(arrayMap(act -> if(has(first_actions, act.1) AND act.1 NOT IN ('rejected', 'reversed', 'cancelled') AND act.4 > 0, act.6, nothing), acts))
    )) AS reversed,
    -- Of the stages of its type alone; all others are never reached by it.
    arrayMap((wanted, from_roles) -> arrayMin(arrayPushBack(arrayMap(
        act -> if(act.4 > 0 AND has(wanted, act.1) AND (empty(from_roles) OR has(from_roles, act.2)), toUnixTimestamp64Micro(act.5), never),
        acts), never)), actions, roles) AS own_firsts
SELECT
    node, rowNumberInAllBlocks() + 1, process, object_hash, object_key, reversed, corrects, first_at, last_at,
    if(reversed OR corrects, 0, own_mask),
    if(reversed OR corrects, 0, arraySum(arrayMap((place, first) -> if(first < never, bitShiftLeft(toUInt64(1), place - 1), 0), places, own_firsts))),
    NOT reversed AND NOT corrects AND notEmpty(open_failures),
    is_root,
    arrayMap(index -> if(index = 0 OR reversed OR corrects, never, own_firsts[index]), indexes)
FROM (
    SELECT
        node.node AS node, node.process AS process, node.corrects AS corrects, object.object_hash AS object_hash, concat(object.object_type, '/', object.object_id) AS object_key,
        object.acts AS acts, object.first_at AS first_at, object.last_at AS last_at,
        state.reversed AS marks, state.open_failures AS open_failures, root.object_type = object.object_type AS is_root,
        root.actions AS first_actions, config.own_mask AS own_mask, config.places AS places, config.actions AS actions, config.roles AS roles,
        arrayMap(place -> indexOf(config.places, place), range(1, toUInt8(root.stages + 1))) AS indexes
    FROM (SELECT node, process, object_hash, corrects FROM work_nodes) AS node
    INNER JOIN (
        SELECT object_hash, object_type, object_id, acts, first_at, last_at FROM work_near
        WHERE object_hash IN (SELECT object_hash FROM work_nodes)
    ) AS object ON object.object_hash = node.object_hash
    LEFT JOIN (
        SELECT object_hash, reversed, open_failures
        FROM object_states FINAL
        WHERE object_hash IN (SELECT object_hash FROM work_nodes)
    ) AS state ON state.object_hash = node.object_hash
    INNER JOIN (
        SELECT process, argMin(toString(object_type), position) AS object_type, argMin(actions, position) AS actions, count() AS stages
        FROM process_stages
        GROUP BY process
    ) AS root ON root.process = node.process
    LEFT JOIN (
        SELECT process, toString(object_type) AS object_type, groupArray(position) AS places, groupArray(actions) AS actions, groupArray(roles) AS roles,
            groupBitOr(bitShiftLeft(toUInt64(1), position - 1)) AS own_mask
        FROM (SELECT * FROM process_stages ORDER BY process, position)
        GROUP BY process, object_type
    ) AS config ON config.process = node.process AND config.object_type = object.object_type
    ORDER BY object_key
)
