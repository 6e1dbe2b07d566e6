-- The stages of each path, up to what needs a calendar: the revenue event's own instants in them and its tail's.
INSERT INTO work_paths (
    process, root_hash, root_type, root_id, tail_hash, reversed, cancelled, weakest, objects, reached, completed, complete, clock_starts,
    states, stuck, started_at, last_at, amount, currency, customer, contract, project, resource, legal_entity, service_line, region,
    engagement, period, first_ok_at
)
WITH
    9223372036854775807 AS never,
    arrayMap((index, other) -> if(index = 0 OR empty(firsts), other, least(firsts[index], other)), indexes, tail_reached) AS all_reached,
    arrayMap((index, other) -> if(index = 0 OR empty(firsts) OR firsts[index] = never, other, greatest(firsts[index], other)), indexes, tail_last_done) AS last_done,
    concat(root_type, '/', root_id) AS root_key
SELECT
    process, root_hash, root_type, root_id, tail_hash, reversed, cancelled,
    if(empty(tail_roots), if(tail_hash = 0, 4, tail_weakest), arrayMin(arrayConcat([4], if(tail_weakest = 0, [], [tail_weakest]),
        arrayFilter((grade, other) -> other != root_hash, tail_root_grades, tail_roots)))),
    1 + tail_objects - has(tail_roots, root_hash),
    all_reached,
    arrayMap((is_complete, at) -> if(is_complete, at, 0), complete, last_done),
    complete,
    arrayMap(start -> if(start = 0, 0, last_done[start]), starts),
    states,
    arrayMap((waiting, keys) -> if(waiting, arrayMin(arrayMap(each -> if(each = '', root_key, each), keys)), ''), waits, stuck_keys),
    fromUnixTimestamp64Micro(multiIf(all_reached[1] < never, all_reached[1], least(first_us, tail_first_at) < never, least(first_us, tail_first_at), 0), 'UTC'),
    greatest(last_event_at, tail_last_at),
    amount, currency, customer, contract, project, resource, legal_entity, service_line, region, engagement, period, first_ok_at
FROM work_owns AS own
INNER JOIN (
    SELECT tail.process AS of_process, tail.tail_hash AS of_tail, shape.reversed AS of_reversed, shape.failed AS of_failed, shape.done AS of_done,
        shape.complete AS complete, shape.starts AS starts, shape.states AS states, shape.waits AS waits, shape.stuck AS stuck_keys,
        tail.reached AS tail_reached, tail.last_done AS tail_last_done, tail.first_at AS tail_first_at, tail.last_at AS tail_last_at,
        tail.weakest AS tail_weakest, tail.root_hashes AS tail_roots, tail.root_grades AS tail_root_grades,
        length(tail.object_hashes) AS tail_objects
    FROM work_shapes AS shape
    INNER JOIN work_ends AS tail ON tail.process = shape.process AND tail.tail_hash = shape.tail_hash
) AS behind ON behind.of_process = own.process AND behind.of_tail = own.tail_hash AND behind.of_reversed = own.reversed
    AND behind.of_failed = own.failed AND behind.of_done = own.done
INNER JOIN (
    SELECT process AS config_process, arrayMap(type -> type = types[1], types) AS is_own,
        arrayMap((own, nth) -> if(own, nth, 0), is_own, arrayCumSum(is_own)) AS indexes
    FROM (
        SELECT process, groupArray(toString(object_type)) AS types
        FROM (SELECT process, position, object_type FROM process_stages ORDER BY process, position)
        GROUP BY process
    )
) AS config ON config.config_process = own.process
-- A revenue event from its first event of the first stage, or as soon as a later stage is reached on it or downstream.
WHERE entered OR arrayExists(first -> first < never, arraySlice(all_reached, 2))
