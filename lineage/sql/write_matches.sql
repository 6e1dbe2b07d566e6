-- The best assignment of each block: the pair with the highest score first, then the best of those that are left, and so on; so no
-- two objects would rather have each other. Ties go to the smaller gap, then by keys. A block with too many objects says nothing.
INSERT INTO work_matches (down_hash, up_hash, up_type, up_id, rule)
WITH
    pairs AS (
        SELECT
            down.block_hash AS block_hash, down.object_hash AS down_hash, up.object_hash AS up_hash, down.object_id AS down_id, up.object_id AS up_id,
            up.object_type AS up_type, down.rule AS rule, down.at_us - up.at_us AS gap_us, abs(gap_us) AS distance_us,
            100 - intDiv(100 * distance_us, greatest(if(gap_us >= 0, declared.within_us, declared.early_us), 1)) AS closeness,
            arrayMap((one, other) -> if(one = '' OR other = '', 0,
                100 - toInt64(intDiv(100 * editDistance(one, other), greatest(length(one), length(other), 1)))), down.texts, up.texts) AS likeness,
            intDiv(closeness + arraySum(likeness), 1 + length(likeness)) AS score
        FROM (SELECT * FROM work_candidates WHERE is_down) AS down
        INNER JOIN (SELECT * FROM work_candidates WHERE NOT is_down) AS up ON up.block_hash = down.block_hash
        INNER JOIN match_rules AS declared ON declared.rule = down.rule
        WHERE gap_us <= declared.within_us AND gap_us >= -declared.early_us AND score >= declared.score_min
            AND down.block_hash NOT IN (
                SELECT block_hash FROM work_candidates
                GROUP BY block_hash
                HAVING countIf(is_down) > {objects_max:UInt64} OR countIf(NOT is_down) > {objects_max:UInt64}
            )
    ),
    ordered AS (
        SELECT block_hash, arraySort(groupArray((-score, distance_us, down_id, up_id, down_hash, up_hash, up_type, rule, gap_us, likeness))) AS ranked
        FROM pairs
        GROUP BY block_hash
    )
SELECT
    pair.5, pair.6, pair.7, pair.4,
    concat('match ', pair.8, ', score ', toString(-pair.1), ' of 100: same ', arrayStringConcat(declared.fields, ', '), ', amount and currency; ',
        toString(intDiv(pair.2, 60000000)), if(pair.9 < 0, ' min earlier', ' min later'),
        arrayStringConcat(arrayMap((text, alike) -> concat('; ', text, ' ', toString(alike), ' alike'), declared.texts, pair.10)))
FROM (
    SELECT arrayJoin(arrayMap(place -> ranked[place], arrayFold(
        (taken, place) -> if(has(taken.2, ranked[place].5) OR has(taken.3, ranked[place].6), taken,
            (arrayPushBack(taken.1, place), arrayPushBack(taken.2, ranked[place].5), arrayPushBack(taken.3, ranked[place].6))),
        arrayEnumerate(ranked),
        (CAST([], 'Array(UInt32)'), CAST([], 'Array(UInt64)'), CAST([], 'Array(UInt64)'))).1)) AS pair
    FROM ordered
) AS picked
INNER JOIN match_rules AS declared ON declared.rule = picked.pair.8
