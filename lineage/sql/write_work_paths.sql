-- The stages of each path, up to what needs a calendar. A stage is complete when every object of the nearest earlier required
-- stage that the path has any of (`needs`) has a done object of the stage among what was made from it.
INSERT INTO work_paths (
    process, root_hash, entered, reached, completed, complete, clock_starts, states, stuck, first_at, last_at,
    object_hashes, object_keys, grades, vias, depths, reverseds
)
WITH
    9223372036854775807 AS never,
    18446744073709551615 AS all_stages,
    arrayMap(place -> arrayMax(earlier -> if(earlier < place AND path.required[earlier] AND complete[earlier], earlier, 0), places), places) AS started
SELECT
    path.process, path.root_hash, path.entered, path.reached,
    arrayMap(place -> if(complete[place], path.last_done[place], 0), places),
    arrayMap(place -> path.needs[place] = 0 AND path.reached[place] < never
        OR path.reached[place] < never AND bitTest(path.covered[path.needs[place]], place - 1), places) AS complete,
    -- The clock runs from the nearest earlier complete stage, if all required stages between were skipped.
    arrayMap(place -> if(path.required[place] AND started[place] > 0 AND NOT arrayExists(
            between -> between > started[place] AND between < place AND path.required[between] AND told[between] != 'skipped', places),
        path.last_done[started[place]], 0), places),
    arrayMap(place -> multiIf(
        complete[place], 'done',
        bitTest(path.failing, place - 1), 'failed',
        path.reached[place] = never
            AND arrayExists(later -> later > place AND path.required[later] AND complete[later], places), 'skipped',
        'pending'), places) AS told,
    arrayMap(place -> multiIf(
        complete[place] OR NOT path.required[place], '',
        path.needs[place] = 0, concat(path.root_key),
        arrayMin(arrayMap(object -> object.2, arrayFilter(
            object -> bitTest(object.8, path.needs[place] - 1) AND NOT bitTest(object.7, place - 1), path.objects)))), places),
    path.first_at, path.last_at,
    arrayMap(object -> object.3, path.objects), arrayMap(object -> object.2, path.objects), arrayMap(object -> object.4, path.objects),
    arrayMap(object -> object.5, path.objects), arrayMap(object -> object.1, path.objects), arrayMap(object -> object.6, path.objects)
FROM (
    SELECT
        walked.process AS process, walked.root_hash AS root_hash, walked.entered AS entered, walked.root_key AS root_key, walked.reached AS reached,
        walked.last_done AS last_done, walked.failing AS failing, walked.covered AS covered, walked.first_at AS first_at, walked.last_at AS last_at,
        walked.objects AS objects, config.required AS required, arrayEnumerate(config.required) AS places,
        arrayMap(place -> arrayMax(earlier -> if(
            earlier < place AND config.required[earlier] AND bitTest(walked.present, earlier - 1), earlier, 0), places), places) AS needs
    FROM (
        SELECT
            best.process AS process, best.start_hash AS root_hash,
            maxIf(part.entered, best.object_hash = best.start_hash) AS entered,
            anyIf(part.object_key, best.object_hash = best.start_hash) AS root_key,
            minForEach(part.firsts) AS reached,
            maxForEach(arrayMap(first -> if(first = never, 0, first), part.firsts)) AS last_done,
            groupBitOr(part.own_stages) AS present,
            groupBitOr(if(part.failed, part.own_stages, 0)) AS failing,
            groupBitAndForEach(arrayMap(place -> if(bitTest(part.own_stages, place - 1), cover.covered, all_stages), arrayEnumerate(part.firsts))) AS covered,
            minIf(part.first_at, part.last_at > toDateTime64(0, 6, 'UTC')) AS first_at,
            max(part.last_at) AS last_at,
            arraySort(groupArray((best.depth, part.object_key, part.object_hash, best.grade, best.via, part.reversed, cover.covered, part.own_stages))) AS objects
        FROM (
            SELECT process, start_hash, object_hash, max(pair.grade) AS grade, argMax(pair.depth, pair.grade) AS depth, argMax(pair.via, pair.grade) AS via
            FROM work_pairs AS pair
            WHERE (process, start_hash) IN (SELECT process, root_hash FROM work_roots)
            GROUP BY process, start_hash, object_hash
        ) AS best
        INNER JOIN work_parts AS part ON part.process = best.process AND part.object_hash = best.object_hash
        LEFT JOIN work_covers AS cover ON cover.process = best.process AND cover.object_hash = best.object_hash
        GROUP BY best.process, best.start_hash
    ) AS walked
    INNER JOIN (
        SELECT process, groupArray(toUInt8(required)) AS required
        FROM (SELECT * FROM process_stages ORDER BY process, position)
        GROUP BY process
    ) AS config ON config.process = walked.process
)  AS path
-- A revenue event from its first event of the first stage, or as soon as a later stage is reached on it or downstream.
WHERE path.entered OR arrayExists(first -> first < never, arraySlice(path.reached, 2))
