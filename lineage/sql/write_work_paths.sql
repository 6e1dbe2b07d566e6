-- The stages of each path, up to what needs a calendar: the revenue event's own instants in them and its tail's.
INSERT INTO work_paths (
    process, root_hash, root_type, root_id, tail_hash, reversed, cancelled, weakest, objects, reached, completed, complete, clock_starts,
    states, stuck, started_at, last_at, amount, currency, customer, contract, project, resource, legal_entity, service_line, region,
    engagement, period, first_ok_at
)
WITH
    9223372036854775807 AS never,
    arrayMap((index, other) -> if(index = 0 OR reversed, other, least(firsts[index], other)), own_places, tail_reached) AS all_reached,
    arrayMap((index, other) -> if(index = 0 OR reversed OR firsts[index] = never, other, greatest(firsts[index], other)), own_places, tail_last_done) AS last_done,
    concat(root_type, '/', root_id) AS root_key
SELECT
    process, root_hash, root_type, root_id, tail_hash, reversed, cancelled,
    if(empty(tail_roots), if(tail_hash = 0, 5, tail_weakest), arrayMin(arrayConcat([5], if(tail_weakest = 0, [], [tail_weakest]),
        arrayFilter((grade, other) -> other != root_hash, tail_root_grades, tail_roots)))),
    1 + tail_objects - has(tail_roots, root_hash),
    all_reached,
    arrayMap((is_complete, at) -> if(is_complete, at, 0), complete, last_done),
    complete,
    arrayMap(start -> multiIf(start = 0, 0, complete[start], last_done[start], firsts[own_places[start]]), starts),
    states,
    arrayMap((waiting, keys) -> if(waiting, arrayMin(arrayMap(each -> if(each = '', root_key, each), keys)), ''), waits, stuck_keys),
    fromUnixTimestamp64Micro(multiIf(all_reached[1] < never, all_reached[1], least(first_us, tail_first_at) < never, least(first_us, tail_first_at), 0), 'UTC'),
    greatest(last_event_at, tail_last_at),
    amount, currency, customer, contract, project, resource, legal_entity, service_line, region, engagement, period, first_ok_at
FROM work_owns AS own
INNER JOIN (
    SELECT * EXCEPT (process, tail_hash, reversed, failed, done, stuck), process AS of_process, tail_hash AS of_tail, reversed AS of_reversed,
        failed AS of_failed, done AS of_done, stuck AS stuck_keys
    FROM work_shapes
) AS behind ON behind.of_tail = own.tail_hash AND behind.of_done = own.done AND behind.of_process = own.process
    AND behind.of_reversed = own.reversed AND behind.of_failed = own.failed
-- A revenue event from its first event of the first stage, or as soon as a later stage is reached on it or downstream.
WHERE entered OR arrayExists(first -> first < never, arraySlice(all_reached, 2))
