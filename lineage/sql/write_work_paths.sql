-- The stages of each path, up to what needs a calendar: the revenue event's own part in them and its tail's.
INSERT INTO work_paths (
    process, root_hash, root_type, root_id, tail_hash, reversed, cancelled, weakest, objects, reached, completed, complete, clock_starts,
    states, stuck, started_at, last_at, amount, currency, customer, contract, project, resource, legal_entity, service_line, region,
    engagement, period, first_ok_at
)
WITH
    9223372036854775807 AS never,
    (toDateTime64(0, 6, 'UTC'), '', '', '') AS nothing,
    arrayMap(place -> arrayMax(earlier -> if(earlier < place AND required[earlier] AND complete[earlier], earlier, 0), places), places) AS started
SELECT
    process, root_hash, root_type, root_id, tail_hash, reversed,
    -- The last word among approval and its opposites decides; a root that another object reverses is cancelled, too.
    bitTest(marks, 1) OR last_word_ends,
    if(empty(tail_roots), if(tail_hash = 0, 4, tail_weakest), arrayMin(arrayConcat([4], if(tail_weakest = 0, [], [tail_weakest]),
        arrayFilter((grade, other) -> other != root_hash, tail_root_grades, tail_roots)))),
    1 + tail_objects - has(tail_roots, root_hash),
    reached,
    arrayMap(place -> if(complete[place], last_done[place], 0), places),
    -- A stage is complete when every object of the nearest earlier required stage that the path has any of (`needs`) has a done
    -- object of the stage among what was made from it.
    arrayMap(place -> reached[place] < never AND (own_needs[place] < needs[place] OR needs[place] = 0 OR bitTest(own_cover, place - 1))
        AND (tail_needs[place] < needs[place] OR tail_covered[place]), places) AS complete,
    -- The clock runs from the nearest earlier complete stage, if all required stages between were skipped.
    arrayMap(place -> if(required[place] AND started[place] > 0 AND NOT arrayExists(
            between -> between > started[place] AND between < place AND required[between] AND told[between] != 'skipped', places),
        last_done[started[place]], 0), places),
    arrayMap(place -> multiIf(
        complete[place], 'done',
        bitTest(failing, place - 1), 'failed',
        reached[place] = never AND arrayExists(later -> later > place AND required[later] AND complete[later], places), 'skipped',
        'pending'), places) AS told,
    arrayMap(place -> multiIf(
        complete[place] OR NOT required[place], '',
        needs[place] = 0, root_key,
        arrayMin(arrayConcat(
            if(own_needs[place] = needs[place] AND NOT bitTest(own_cover, place - 1), [root_key], []),
            if(tail_needs[place] = needs[place] AND NOT tail_covered[place], [tail_stuck[place]], [])))), places),
    fromUnixTimestamp64Micro(if(reached[1] < never, reached[1], if(first_us < never, first_us, 0)), 'UTC'),
    last_at,
    amount, currency, customer, contract, project, resource, legal_entity, service_line, region, engagement, period, first_ok_at
FROM (
    SELECT
        own.*, tail.*,
        arrayMap((one, other) -> least(one, other), firsts, tail_reached) AS reached,
        arrayMap((one, other) -> greatest(if(one = never, 0, one), other), firsts, tail_last_done) AS last_done,
        arrayMap(place -> if(reversed, 0, arrayMax(earlier -> if(
            earlier < place AND required[earlier] AND types[earlier] = types[1], earlier, 0), places)), places) AS own_needs,
        arrayMap((one, other) -> greatest(one, other), own_needs, tail_needs) AS needs,
        bitOr(own_done, tail_cover) AS own_cover,
        bitOr(if(own_failed, own_stages, 0), tail_failing) AS failing,
        least(if(last_event_at > toDateTime64(0, 6, 'UTC'), toUnixTimestamp64Micro(own_first_at), never), tail_first_at) AS first_us,
        greatest(last_event_at, tail_last_at) AS last_at
    FROM (
        SELECT
            own.*, its_process AS process, its_tail, marks, config.types AS types,
            config.required AS required, arrayEnumerate(config.types) AS places,
            (ended AND arrayMax(arrayMap(act -> if(act.1 IN ('rejected', 'reversed', 'cancelled') AND act.4 > 0, act.6, nothing), acts))
                > arrayMax(arrayMap(act -> if(has(config.actions[1], act.1) AND act.1 NOT IN ('rejected', 'reversed', 'cancelled')
                    AND act.4 > 0, act.6, nothing), acts))) AS last_word_ends,
            bitTest(marks, 1) OR (bitTest(marks, 0) AND last_word_ends) AS reversed,
            NOT reversed AND notEmpty(state.open_failures) AS own_failed,
            arrayExists(act -> has(config.actions[1], act.1) AND (empty(config.roles[1]) OR has(config.roles[1], act.2)), acts) AS entered,
            arrayMap(place -> if(types[place] != types[1] OR reversed, never, arrayMin(arrayPushBack(arrayMap(
                act -> if(act.4 > 0 AND has(config.actions[place], act.1) AND (empty(config.roles[place]) OR has(config.roles[place], act.2)),
                    toUnixTimestamp64Micro(act.5), never), acts), never))), places) AS firsts,
            arraySum(arrayMap(place -> if(firsts[place] < never, bitShiftLeft(toUInt64(1), place - 1), 0), places)) AS own_done,
            arraySum(arrayMap(place -> if(types[place] = types[1] AND NOT reversed, bitShiftLeft(toUInt64(1), place - 1), 0), places)) AS own_stages
        FROM (
            SELECT object_hash AS root_hash, object_type AS root_type, object_id AS root_id, concat(object_type, '/', object_id) AS root_key,
                acts, ended, first_at AS own_first_at, last_at AS last_event_at, first_ok_at, amount, currency, customer, contract, project, resource,
                legal_entity, service_line, region, engagement, period
            FROM objects FINAL
            WHERE object_hash IN (SELECT root_hash FROM work_roots) AND NOT deleted
        ) AS own
        INNER JOIN (SELECT process AS its_process, root_hash AS held_hash, tail_hash AS its_tail FROM work_roots) AS held
            ON held.held_hash = own.root_hash
        LEFT JOIN (
            SELECT object_hash, reversed AS marks, open_failures FROM object_states FINAL WHERE object_hash IN (SELECT root_hash FROM work_roots)
        ) AS state ON state.object_hash = own.root_hash
        INNER JOIN (
            SELECT process AS of_process, groupArray(toString(object_type)) AS types, groupArray(actions) AS actions, groupArray(roles) AS roles,
                groupArray(toUInt8(required)) AS required
            FROM (SELECT * FROM process_stages ORDER BY process, position)
            GROUP BY process
        ) AS config ON config.of_process = held.its_process
    ) AS own
    INNER JOIN (
        SELECT process AS tail_process, tail_hash, reached AS tail_reached, last_done AS tail_last_done, needs AS tail_needs,
            covered AS tail_covered, stuck AS tail_stuck, failing AS tail_failing, cover AS tail_cover, first_at AS tail_first_at,
            last_at AS tail_last_at, weakest AS tail_weakest, root_hashes AS tail_roots, root_grades AS tail_root_grades,
            length(object_hashes) AS tail_objects
        FROM work_ends
    ) AS tail ON tail.tail_process = own.process AND tail.tail_hash = own.its_tail
    -- A revenue event from its first event of the first stage, or as soon as a later stage is reached on it or downstream.
    WHERE entered OR arrayExists(first -> first < never, arraySlice(reached, 2))
)
