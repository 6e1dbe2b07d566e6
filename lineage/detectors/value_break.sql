-- All in is held against all out of each connected part of a hop, currency by currency.
WITH
    parts AS (
        SELECT hop, label, up_hash, down_hash FROM work_hops WHERE label != 0 AND round = (SELECT max(round) FROM work_hops)
    ),
    wanted AS (
        SELECT up_hash AS object_hash FROM parts
        UNION DISTINCT
        SELECT down_hash FROM parts
    ),
{{standing_objects}},
    sides AS (
        SELECT DISTINCT hop, label, up_hash AS object_hash, toUInt8(0) AS is_out FROM parts
        UNION ALL
        SELECT DISTINCT hop, label, down_hash, toUInt8(1) FROM parts
    ),
    sums AS (
        SELECT side.hop AS hop, side.label AS label, told.currency AS currency,
            sumIf(told.amount, NOT side.is_out) AS into_sum, sumIf(told.amount, side.is_out) AS out_sum,
            countIf(NOT side.is_out) AS into_objects
        FROM sides AS side
        INNER JOIN (SELECT * FROM standing WHERE amount IS NOT NULL) AS told ON told.object_hash = side.object_hash
        GROUP BY side.hop, side.label, told.currency
    ),
    broken AS (
        SELECT hop, label,
            arraySort(each -> (-toUInt8(each.4 > 0), -each.5, each.1), groupArray((currency, ifNull(into_sum, 0), ifNull(out_sum, 0), into_objects,
                abs(ifNull(into_sum, 0) - ifNull(out_sum, 0))))) AS moneys,
            arrayFirst(each -> each.5 > {tolerance:Decimal(18, 4)}, moneys) AS worst
        FROM sums
        GROUP BY hop, label
        -- Both sides have money; what has none yet has lost none.
        HAVING sum(into_objects) > 0 AND arrayExists(each -> each.3 != 0, moneys) AND worst.1 != ''
    ),
    members AS (
        SELECT side.hop AS hop, side.label AS label,
            argMinIf((told.object_hash, told.key, told.legal_entity, told.source, told.last_at), told.key, side.is_out) AS far,
            argMinIf(told.key, told.key, NOT side.is_out) AS near_key,
            uniqExactIf(told.object_hash, NOT side.is_out) AS near_objects, uniqExactIf(told.object_hash, side.is_out) AS far_objects,
            minIf(told.first_at, NOT side.is_out) AS begun_at, minIf(told.first_at, side.is_out) AS came_at, max(told.last_at) AS ended_at,
            groupUniqArrayArray(arrayMap(name -> sipHash64(told.object_type, name), told.names)) AS name_hashes,
            arraySlice(arraySort(groupUniqArrayArrayIf(arrayMap(act -> act.6.3, arrayFilter(act -> act.4 > 0, told.acts)), side.is_out)), 1, 20) AS event_ids
        FROM sides AS side
        INNER JOIN standing AS told ON told.object_hash = side.object_hash
        WHERE (side.hop, side.label) IN (SELECT hop, label FROM broken)
        GROUP BY side.hop, side.label
    ),
    -- The value of a contract is a standing, not a flow; its control compares it.
    stated AS (
        SELECT DISTINCT object_hash AS name_hash FROM events
        WHERE object_hash IN (SELECT arrayJoin(name_hashes) FROM members) AND measure = 'contract_value'
    )
SELECT
    part.far.1 AS subject_hash,
    '' AS root,
    'value_break' AS kind,
    '' AS subkind,
    'finance_critical' AS class,
    'critical' AS severity,
    part.far.2 AS object,
    '' AS process,
    part.hop AS stage,
    part.far.4 AS source,
    part.far.3 AS legal_entity,
    toDecimal64OrNull(toString(gap.worst.5), 4) AS amount,
    gap.worst.1 AS currency,
    part.came_at AS first_seen,
    part.ended_at AS last_seen,
    part.begun_at AS clock_start,
    NULL AS due_at,
    NULL AS resolved_at,
    '' AS resolved_by,
    part.event_ids AS evidence,
    concat(part.near_key, if(part.near_objects > 1, concat(' and ', toString(part.near_objects - 1), ' more'), ''), ' came to ', gap.worst.1, ' ', toString(gap.worst.2), ', but ',
        part.far.2, if(part.far_objects > 1, concat(' and ', toString(part.far_objects - 1), ' more'), ''), ' made from it to ', gap.worst.1, ' ', toString(gap.worst.3),
        ': a difference of ', toString(gap.worst.5), '.') AS explanation
FROM members AS part
INNER JOIN broken AS gap ON gap.hop = part.hop AND gap.label = part.label
WHERE NOT hasAny(part.name_hashes, (SELECT groupArray(name_hash) FROM stated))
