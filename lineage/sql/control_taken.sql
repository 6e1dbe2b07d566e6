-- How much the others take off an object, by currency: of each the latest ok event that does so counts, unless it was rejected,
-- reversed or cancelled in that event or since, or is reversed by others itself. `takes` says from when until when each did.
SELECT
    target AS class_hash,
    countIf(stands AND said.1 IS NULL) AS wholly,
    sumMap(if(NOT stands OR said.1 IS NULL, map(), map(said.2, toDecimal128(assumeNotNull(said.1), 4)))) AS taken,
    groupArray((since, until, said.1, said.2)) AS takes
FROM (
    SELECT
        target, takings.by AS by, since, said,
        arrayFirst(end -> end >= since, ending.ends) AS own_end,
        if(own_end.1 = toDateTime64(0, 6, 'UTC'), (toDateTime64('2299-01-01 00:00:00', 6, 'UTC'), '', '', ''), own_end) AS until,
        own_end.1 = toDateTime64(0, 6, 'UTC') AS stands
    FROM (
        SELECT target, by, max(at) AS since, argMax((takes, currency), at) AS said
        FROM (
            SELECT
                member.class_hash AS target,
                if(other.object_hash = 0, reversal.by_hash, other.object_hash) AS by,
                (reversal.occurred_at, toString(reversal.source), reversal.event_id, toString(reversal.content_hash)) AS at,
                if(countIf(reversal.taken IS NULL) > 0, NULL, sum(reversal.taken)) AS takes,
                toString(any(reversal.currency)) AS currency
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
        WHERE by != target AND by NOT IN (
            SELECT object_hash FROM object_states FINAL WHERE bitTest(reversed, 1) AND object_hash IN ({{control_takers}})
        )
        GROUP BY target, by
    ) AS takings
    LEFT JOIN (
        SELECT if(name.object_hash = 0, told.object_hash, name.object_hash) AS ended_hash, arraySort(groupArray(told.at)) AS ends
        FROM (
            SELECT object_hash, (occurred_at, toString(source), event_id, toString(content_hash)) AS at
            FROM events
            WHERE object_hash IN ({{control_takers}}) AND outcome = 'ok' AND action IN ('rejected', 'reversed', 'cancelled')
        ) AS told
        LEFT JOIN (
            SELECT alias_hash, object_hash FROM v_aliases WHERE alias_hash IN ({{control_takers}})
        ) AS name ON name.alias_hash = told.object_hash
        GROUP BY ended_hash
    ) AS ending ON ending.ended_hash = takings.by
)
GROUP BY target
