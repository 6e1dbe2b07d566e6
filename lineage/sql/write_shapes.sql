-- The states of the stages of a path, up to what needs a calendar: all revenue events with the same tail that have done the same
-- stages share them. `starts` says after which stage the clock of each runs, 0: none; '' in `stuck` is the revenue event itself where
-- `waits` says that the stage waits. The nearest earlier place of some kind is told by filling gaps and shifting by one, level by
-- level: a lambda within a lambda takes the engine longer to plan than all the rest.
INSERT INTO work_shapes (
    process, tail_hash, reversed, failed, done, complete, starts, states, waits, stuck, own_places, tail_reached, tail_last_done,
    tail_first_at, tail_last_at, tail_weakest, tail_roots, tail_root_grades, tail_objects
)
WITH 9223372036854775807 AS never
SELECT
    process, tail_hash, reversed, failed, done, complete,
    -- The clock runs from the nearest earlier complete stage, or own one of a reversed revenue event, if all required stages between
    -- were skipped.
    arrayMap((needed, start, last) -> if(needed AND start = last, start, 0), required, started,
        arrayPopBack(arrayPushFront(arrayFill(place -> place > 0, arrayMap((place, needed, state) -> if(
            needed AND (state != 'skipped' OR reversed AND bitTest(done, place - 1)), place, 0), places, required, told)), 0))),
    told,
    arrayMap((done_so, needed) -> NOT done_so AND needed, complete, required),
    arrayMap((done_so, needed, place, need, own_need, tail_need, tail_covers, key) -> if(
        done_so OR NOT needed OR need = 0, [''],
        arrayConcat(
            if(own_need = need AND NOT bitTest(own_cover, place - 1), [''], []),
            if(tail_need = need AND NOT tail_covers, [key], []))),
        complete, required, places, needs, own_needs, tail_needs, tail_covered, tail_stuck),
    own_places, tail_reached, tail_last_done, tail_first_at, tail_last_at, tail_weakest, tail_roots, tail_root_grades, tail_objects
FROM (
    SELECT *,
        arrayMap((place, needed, done_so) -> if(needed AND done_so, place, 0), places, required, complete) AS finished,
        arrayPopBack(arrayPushFront(arrayFill(place -> place > 0, arrayMap((place, needed, done_so) -> if(
            needed AND (done_so OR reversed AND bitTest(done, place - 1)), place, 0), places, required, complete)), 0)) AS started,
        arrayMap((place, done_so, reached_so) -> multiIf(
            done_so, 'done',
            bitTest(failing, place - 1), 'failed',
            NOT reached_so AND place < arrayMax(finished), 'skipped',
            'pending'), places, complete, is_reached) AS told
    FROM (
        SELECT *,
            -- A stage is complete when every object of the nearest earlier required stage that the path has any of (`needs`) has a done
            -- object of the stage among what was made from it.
            arrayMap((place, reached_so, need, own_need, tail_need, tail_covers) -> reached_so
                AND (own_need < need OR need = 0 OR bitTest(own_cover, place - 1))
                AND (tail_need < need OR tail_covers), places, is_reached, needs, own_needs, tail_needs, tail_covered) AS complete
        FROM (
            SELECT *,
                arrayMap(place -> if(reversed, 0, place), owned) AS own_needs,
                arrayMap((one, other) -> greatest(one, other), own_needs, tail_needs) AS needs,
                if(reversed, 0, done) AS standing,
                bitOr(standing, tail_cover) AS own_cover,
                bitOr(if(failed, own_mask, 0), tail_failing) AS failing,
                arrayMap((place, first) -> first < never OR bitTest(standing, place - 1), places, tail_reached) AS is_reached
            FROM (SELECT DISTINCT process, tail_hash, reversed, failed, done FROM work_owns) AS own
            INNER JOIN (
                SELECT process AS tail_process, tail_hash AS its_tail, reached AS tail_reached, needs AS tail_needs, covered AS tail_covered,
                    stuck AS tail_stuck, failing AS tail_failing, cover AS tail_cover, last_done AS tail_last_done, first_at AS tail_first_at,
                    last_at AS tail_last_at, weakest AS tail_weakest, root_hashes AS tail_roots, root_grades AS tail_root_grades,
                    length(object_hashes) AS tail_objects
                FROM work_ends
            ) AS tail ON tail.tail_process = own.process AND tail.its_tail = own.tail_hash
            INNER JOIN (
                SELECT toString(process) AS of_process, groupArray(toUInt8(required)) AS required, groupArray(toString(object_type)) AS types,
                    arrayEnumerate(types) AS places, arrayMap(type -> toUInt8(type = types[1]), types) AS is_own,
                    arrayMap((own, nth) -> if(own, nth, 0), is_own, arrayCumSum(is_own)) AS own_places,
                    arraySum(arrayMap((own, place) -> if(own, bitShiftLeft(toUInt64(1), place - 1), 0), is_own, places)) AS own_mask,
                    -- The nearest earlier required stage of the revenue event's own type.
                    arrayPopBack(arrayPushFront(arrayFill(place -> place > 0,
                        arrayMap((own, needed, place) -> if(own AND needed, place, 0), is_own, required, places)), 0)) AS owned
                FROM (SELECT * FROM process_stages ORDER BY process, position)
                GROUP BY process
            ) AS config ON config.of_process = own.process
        )
    )
)
