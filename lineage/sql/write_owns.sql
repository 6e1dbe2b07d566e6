-- Each revenue event's own part in the stages of its process. What one that is reversed has done counts for no stage, but the clock
-- of the next one ran from it.
INSERT INTO work_owns (
    process, root_hash, root_type, root_id, tail_hash, reversed, cancelled, failed, entered, done, firsts, first_us, last_event_at, amount,
    currency, customer, contract, project, resource, legal_entity, service_line, region, engagement, period, first_ok_at
)
WITH
    9223372036854775807 AS never,
    (toDateTime64(0, 6, 'UTC'), '', '', '') AS nothing,
    -- The last word among approval and its opposites decides.
    (ended AND arrayMax(arrayMap(act -> if(act.1 IN ('rejected', 'reversed', 'cancelled') AND act.4 > 0, act.6, nothing), acts))
        > arrayMax(arrayMap(act -> if(has(actions[1], act.1) AND act.1 NOT IN ('rejected', 'reversed', 'cancelled') AND act.4 > 0, act.6, nothing), acts))) AS last_word_ends,
    bitTest(marks, 1) OR (bitTest(marks, 0) AND last_word_ends) AS is_reversed,
    -- Of the stages of its type alone; all others are never reached by it.
    arrayMap((wanted, from_roles) -> arrayMin(arrayPushBack(arrayMap(
        act -> if(act.4 > 0 AND has(wanted, act.1) AND (empty(from_roles) OR has(from_roles, act.2)), toUnixTimestamp64Micro(act.5), never),
        acts), never)), actions, roles) AS own_firsts
SELECT
    process, root_hash, object_type, object_id, tail_hash, is_reversed,
    -- A root that another object reverses is cancelled, too.
    bitTest(marks, 1) OR last_word_ends,
    NOT is_reversed AND notEmpty(open_failures),
    arrayExists(act -> has(actions[1], act.1) AND (empty(roles[1]) OR has(roles[1], act.2)), acts),
    arraySum(arrayMap((place, first) -> if(first < never, bitShiftLeft(toUInt64(1), place - 1), 0), places, own_firsts)),
    own_firsts,
    if(last_at > toDateTime64(0, 6, 'UTC'), toUnixTimestamp64Micro(first_at), never),
    last_at, amount, currency, customer, contract, project, resource, legal_entity, service_line, region, engagement, period, first_ok_at
FROM (
    SELECT object_hash, object_type, object_id, acts, ended, first_at, last_at, first_ok_at, amount, currency, customer, contract, project,
        resource, legal_entity, service_line, region, engagement, period
    FROM work_near
    WHERE object_hash IN (SELECT root_hash FROM work_roots WHERE process != '')
) AS own
INNER JOIN (SELECT process, root_hash, tail_hash FROM work_roots WHERE process != '') AS held ON held.root_hash = own.object_hash
LEFT JOIN (
    SELECT object_hash AS state_hash, reversed AS marks, open_failures FROM object_states FINAL
    WHERE object_hash IN (SELECT root_hash FROM work_roots)
) AS state ON state.state_hash = own.object_hash
INNER JOIN (
    -- The stages of the root's own type.
    SELECT stage.process AS of_process, groupArray(position) AS places, groupArray(actions) AS actions, groupArray(roles) AS roles
    FROM (SELECT process, position, object_type, actions, roles FROM process_stages ORDER BY process, position) AS stage
    WHERE (process, object_type) IN (SELECT process, object_type FROM process_stages WHERE position = 1)
    GROUP BY stage.process
) AS config ON config.of_process = held.process
