-- What each tail adds to the stages of the paths that end in it. `needs` is the nearest earlier required stage that the tail has
-- objects of; the stage is covered when each of them has a done object of it among what was made from it.
INSERT INTO work_ends (
    process, tail_hash, reached, last_done, needs, covered, stuck, failing, cover, first_at, last_at, weakest, root_hashes, root_grades,
    object_hashes, object_keys, grades, vias, depths, reverseds, corrections
)
WITH
    9223372036854775807 AS never,
    18446744073709551615 AS all_stages
SELECT
    process, tail_hash, reached, last_done, needs,
    arrayMap(place -> needs[place] = 0 OR bitTest(all_covered[needs[place]], place - 1), places) AS covered,
    arrayMap(place -> if(covered[place], '', arrayMin(arrayMap(object -> object.2, arrayFilter(
        object -> bitTest(object.8, needs[place] - 1) AND NOT bitTest(object.7, place - 1), objects)))), places),
    failing, cover, first_at, last_at, weakest, root_hashes, root_grades,
    objects.3, objects.2, objects.4, objects.5, objects.1, objects.6, objects.9
FROM (
    SELECT
        walked.*, arrayEnumerate(config.required) AS places,
        arrayMap(place -> arrayMax(earlier -> if(
            earlier < place AND config.required[earlier] AND bitTest(walked.present, earlier - 1), earlier, 0), places), places) AS needs
    FROM (
        SELECT
            any(part.process) AS process, best.start AS tail_hash,
            minForEach(part.firsts) AS reached,
            maxForEach(arrayMap(first -> if(first = never, 0, first), part.firsts)) AS last_done,
            groupBitOr(part.own_stages) AS present,
            groupBitOr(if(part.failed, part.own_stages, 0)) AS failing,
            groupBitOr(cover.covered) AS cover,
            groupBitAndForEach(arrayMap(place -> if(bitTest(part.own_stages, place - 1), cover.covered, all_stages), arrayEnumerate(part.firsts))) AS all_covered,
            min(if(part.last_at > toDateTime64(0, 6, 'UTC'), toUnixTimestamp64Micro(part.first_at), never)) AS first_at,
            max(part.last_at) AS last_at,
            minIf(best.grade, NOT part.is_root) AS weakest,
            groupArrayIf(part.object_hash, part.is_root) AS root_hashes,
            groupArrayIf(best.grade, part.is_root) AS root_grades,
            arraySort(groupArray((best.depth, part.object_key, part.object_hash, best.grade, before.object_key, part.reversed, cover.covered, part.own_stages, part.corrects))) AS objects
        FROM (
            -- The strongest way, the shortest of those, to the object; as a correction it is another node, and counts only if it is no other.
            SELECT start, min(pair.node) AS node,
                min(bitShiftLeft(toUInt64(5 - pair.grade), 56) + bitShiftLeft(toUInt64(pair.depth), 40) + pair.via) AS way,
                toUInt8(5 - bitShiftRight(way, 56)) AS grade, toUInt8(bitShiftRight(way, 40)) AS depth, toUInt64(bitAnd(way, 1099511627775)) AS via
            FROM work_pairs AS pair
            WHERE start IN (SELECT tail_hash FROM work_roots)
            GROUP BY start, bitAnd(pair.node, 9223372036854775807)
        ) AS best
        INNER JOIN work_parts AS part ON part.node = best.node
        LEFT JOIN work_covers AS cover ON cover.node = best.node
        LEFT JOIN (SELECT rank, object_key FROM work_parts) AS before ON before.rank = best.via
        GROUP BY best.start
    ) AS walked
    INNER JOIN (
        SELECT process, groupArray(toUInt8(required)) AS required
        FROM (SELECT * FROM process_stages ORDER BY process, position)
        GROUP BY process
    ) AS config ON config.process = walked.process
)
UNION ALL
-- The tail of whom nothing was made from.
SELECT
    process, 0, groupArray(never), groupArray(toInt64(0)), groupArray(toUInt8(0)), groupArray(toUInt8(1)), groupArray(''), 0, 0, never,
    toDateTime64(0, 6, 'UTC'), 0, [], [], [], [], [], [], [], [], []
FROM process_stages
GROUP BY process
