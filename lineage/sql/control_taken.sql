-- How much the others take off an object, by currency: of each the latest ok event that does so counts.
SELECT
    target AS class_hash,
    countIf(said.1 IS NULL) AS wholly,
    sumMap(if(said.1 IS NULL, map(), map(said.2, toDecimal128(assumeNotNull(said.1), 4)))) AS taken
FROM (
    SELECT target, by, argMax((takes, currency), at) AS said
    FROM (
        SELECT
            member.class_hash AS target,
            if(other.object_hash = 0, reversal.by_hash, other.object_hash) AS by,
            (reversal.occurred_at, reversal.source, reversal.event_id, toString(reversal.content_hash)) AS at,
            if(countIf(reversal.taken IS NULL) > 0, NULL, sum(reversal.taken)) AS takes,
            any(reversal.currency) AS currency
        FROM (
            SELECT * FROM control_reversals FINAL WHERE target_hash IN (SELECT object_hash FROM work_control_members)
        ) AS reversal
        INNER JOIN work_control_members AS member ON member.object_hash = reversal.target_hash
        LEFT JOIN (
            SELECT alias_hash, object_hash FROM v_aliases WHERE alias_hash IN (
                SELECT by_hash FROM control_reversals WHERE target_hash IN (SELECT object_hash FROM work_control_members)
            )
        ) AS other ON other.alias_hash = reversal.by_hash
        GROUP BY target, by, at
    )
    WHERE by != target
    GROUP BY target, by
)
GROUP BY target
