-- The states of the stages of a path, up to what needs a calendar: all revenue events with the same tail that have done the same
-- stages share them. `starts` says after which stage the clock of each runs, 0: none; '' in `stuck` is the revenue event itself where
-- `waits` says that the stage waits.
INSERT INTO work_shapes (
    process, tail_hash, reversed, failed, done, complete, starts, states, waits, stuck, own_places, tail_reached, tail_last_done,
    tail_first_at, tail_last_at, tail_weakest, tail_roots, tail_root_grades, tail_objects
)
WITH
    9223372036854775807 AS never,
    arrayMap(place -> if(reversed, 0, arrayMax(earlier -> if(
        earlier < place AND required[earlier] AND types[earlier] = types[1], earlier, 0), places)), places) AS own_needs,
    arrayMap((one, other) -> greatest(one, other), own_needs, tail_needs) AS needs,
    if(reversed, 0, done) AS standing,
    bitOr(standing, tail_cover) AS own_cover,
    bitOr(if(failed, own_mask, 0), tail_failing) AS failing,
    arrayMap((place, first) -> first < never OR bitTest(standing, place - 1), places, tail_reached) AS is_reached,
    arrayMap(place -> arrayMax(earlier -> if(earlier < place AND required[earlier] AND (complete[earlier] OR bitTest(done, earlier - 1) AND reversed), earlier, 0), places), places) AS started
SELECT
    process, tail_hash, reversed, failed, done,
    -- A stage is complete when every object of the nearest earlier required stage that the path has any of (`needs`) has a done
    -- object of the stage among what was made from it.
    arrayMap(place -> is_reached[place] AND (own_needs[place] < needs[place] OR needs[place] = 0 OR bitTest(own_cover, place - 1))
        AND (tail_needs[place] < needs[place] OR tail_covered[place]), places) AS complete,
    -- The clock runs from the nearest earlier complete stage, or own one of a reversed revenue event, if all required stages between
    -- were skipped.
    arrayMap(place -> if(required[place] AND started[place] > 0 AND NOT arrayExists(
            between -> between > started[place] AND between < place AND required[between] AND told[between] != 'skipped', places),
        started[place], 0), places),
    arrayMap(place -> multiIf(
        complete[place], 'done',
        bitTest(failing, place - 1), 'failed',
        NOT is_reached[place] AND arrayExists(later -> later > place AND required[later] AND complete[later], places), 'skipped',
        'pending'), places) AS told,
    arrayMap(place -> NOT complete[place] AND required[place], places),
    arrayMap(place -> if(
        complete[place] OR NOT required[place] OR needs[place] = 0, [''],
        arrayConcat(
            if(own_needs[place] = needs[place] AND NOT bitTest(own_cover, place - 1), [''], []),
            if(tail_needs[place] = needs[place] AND NOT tail_covered[place], [tail_stuck[place]], []))), places),
    own_places, tail_reached, tail_last_done, tail_first_at, tail_last_at, tail_weakest, tail_roots, tail_root_grades, tail_objects
FROM (SELECT DISTINCT process, tail_hash, reversed, failed, done FROM work_owns) AS own
INNER JOIN (
    SELECT process AS tail_process, tail_hash AS its_tail, reached AS tail_reached, needs AS tail_needs, covered AS tail_covered,
        stuck AS tail_stuck, failing AS tail_failing, cover AS tail_cover, last_done AS tail_last_done, first_at AS tail_first_at,
        last_at AS tail_last_at, weakest AS tail_weakest, root_hashes AS tail_roots, root_grades AS tail_root_grades,
        length(object_hashes) AS tail_objects
    FROM work_ends
) AS tail ON tail.tail_process = own.process AND tail.its_tail = own.tail_hash
INNER JOIN (
    SELECT toString(process) AS of_process, groupArray(toString(object_type)) AS types, groupArray(toUInt8(required)) AS required,
        arrayEnumerate(types) AS places, arrayMap(type -> toUInt8(type = types[1]), types) AS is_own,
        arrayMap((own, nth) -> if(own, nth, 0), is_own, arrayCumSum(is_own)) AS own_places, arraySum(arrayMap(place -> if(types[place] = types[1], bitShiftLeft(toUInt64(1), place - 1), 0), places)) AS own_mask
    FROM (SELECT * FROM process_stages ORDER BY process, position)
    GROUP BY process
) AS config ON config.of_process = own.process
