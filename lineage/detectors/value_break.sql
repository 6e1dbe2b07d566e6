-- The parts of hops whose two sides differ by more than has a reason. A difference that a memo explains is over with the memo; one
-- that was made by what has been reversed since is over with that.
WITH
{{money_words}},
    valued AS MATERIALIZED (
        SELECT subject_hash AS label, toString(hop) AS hop, toString(currency) AS currency, into_sum, out_sum, into_objects, misplaced, exchange, tax, credit, write_off, rounding,
            unexplained, settled
        FROM hop_values FINAL
        WHERE subject_hash IN (SELECT label FROM work_hop_told) AND version = {turn:UInt64} AND NOT deleted
    ),
    gaps AS MATERIALIZED (
        SELECT hop, label,
            arraySort(each -> (-toUInt8(each.4 > 0), -each.5, each.1), groupArray((currency, into_sum, out_sum, into_objects,
                greatest(abs(into_sum - out_sum), misplaced), unexplained, misplaced,
                arrayFilter(reason -> reason.2 > 0, [('currency', exchange), ('tax', tax), ('credit', credit), ('write_off', write_off), ('rounding', rounding)]),
                settled, credit + write_off))) AS moneys,
            arrayFirst(each -> each.6 > 0, moneys) AS broken,
            arrayFirst(each -> each.5 > {tolerance:Decimal(18, 4)} AND each.10 > 0, moneys) AS settled_one,
            if(broken.1 != '', broken, settled_one) AS worst,
            toUInt8(broken.1 != '') AS is_open
        FROM valued
        GROUP BY hop, label
        -- Both sides have money; what has none yet has lost none.
        HAVING sum(into_objects) > 0 AND arrayExists(each -> each.3 != 0, moneys) AND worst.1 != ''
    ),
    beside AS (
        SELECT lost.hop AS hop, lost.label AS label, lost.object_hash AS object_hash, any(lost.key) AS key, any(lost.gone) AS gone, any(lost.currency) AS currency,
            any(lost.amount) + sumIf(other.amount, other.first_at < lost.gone.1 AND (other.gone_at IS NULL OR other.gone_at > lost.gone.1)) AS stood,
            greatest(any(lost.first_at), minIf(other.first_at, other.first_at < lost.gone.1)) AS stood_from,
            minIf(other.key, other.first_at < lost.gone.1 AND (other.gone_at IS NULL OR other.gone_at > lost.gone.1)) AS other_key
        FROM work_hop_lost AS lost
        LEFT JOIN (
            SELECT hop, label, object_hash, key, amount, currency, first_at, CAST(NULL, 'Nullable(DateTime64(6, \'UTC\'))') AS gone_at
            FROM work_hop_told
            WHERE is_out AND amount IS NOT NULL
            UNION ALL
            SELECT hop, label, object_hash, key, amount, currency, first_at, gone.1 FROM work_hop_lost
        ) AS other ON other.hop = lost.hop AND other.label = lost.label AND other.currency = lost.currency
        WHERE other.object_hash != lost.object_hash
        GROUP BY lost.hop, lost.label, lost.object_hash
    ),
    members AS MATERIALIZED (
        SELECT hop, label,
            argMinIf((object_hash, key, legal_entity, source, last_at), key, is_out) AS far,
            argMinIf(key, key, NOT is_out) AS near_key,
            uniqExactIf(object_hash, NOT is_out) AS near_objects, uniqExactIf(object_hash, is_out) AS far_objects,
            minIf(first_at, NOT is_out) AS begun_at, minIf(first_at, is_out) AS came_at, max(last_at) AS ended_at,
            arraySlice(arraySort(groupUniqArrayArrayIf(event_ids, is_out)), 1, 20) AS far_events
        FROM work_hop_told
        GROUP BY hop, label
    )
SELECT
    part.far.1 AS subject_hash,
    '' AS root,
    'value_break' AS kind,
    '' AS subkind,
    'finance_critical' AS class,
    if(gap.is_open, 'critical', 'info') AS severity,
    part.far.2 AS object,
    '' AS process,
    part.hop AS stage,
    part.far.4 AS source,
    part.far.3 AS legal_entity,
    toDecimal64OrNull(toString(if(gap.is_open, gap.worst.6, gap.worst.5)), 4) AS amount,
    gap.worst.1 AS currency,
    part.came_at AS first_seen,
    part.ended_at AS last_seen,
    part.begun_at AS clock_start,
    NULL AS due_at,
    if(gap.is_open, NULL, gap.worst.9.1) AS resolved_at,
    if(gap.is_open, '', concat('event ', gap.worst.9.2)) AS resolved_by,
    arraySlice(arrayDistinct(arrayConcat(if(gap.worst.10 > 0, [gap.worst.9.2], []), part.far_events)), 1, 20) AS evidence,
    concat(part.near_key, if(part.near_objects > 1, concat(' and ', toString(part.near_objects - 1), ' more'), ''), ' came to ', money_words(gap.worst.2, gap.worst.1), ', but ',
        part.far.2, if(part.far_objects > 1, concat(' and ', toString(part.far_objects - 1), ' more'), ''), ' made from it to ',
        -- What came out in another currency instead is said, too.
        arrayStringConcat(arrayMap(each -> money_words(each.3, each.1), arrayConcat([gap.worst], arrayFilter(each -> each.1 != gap.worst.1 AND each.3 != 0, gap.moneys))), ' and '),
        if(gap.worst.7 > abs(gap.worst.2 - gap.worst.3), ', document by document', ''), ': a difference of ', money_words(gap.worst.5, gap.worst.1),
        if(empty(gap.worst.8), '.', concat(', explained by ', arrayStringConcat(arrayMap(reason -> concat(replaceOne(reason.1, '_', '-'), ' of ', money_words(reason.2, gap.worst.1)), gap.worst.8), ', '),
            if(gap.is_open, concat('; ', money_words(gap.worst.6, gap.worst.1), ' is left.'), '.')))) AS explanation,
    CAST(arrayMap(reason -> (reason.1, toDecimal64(reason.2, 4)), gap.worst.8), 'Array(Tuple(kind LowCardinality(String), amount Decimal(18, 4)))') AS explained_by
FROM members AS part
INNER JOIN gaps AS gap ON gap.hop = part.hop AND gap.label = part.label
UNION ALL
SELECT
    part.far.1,
    '',
    'value_break',
    '',
    'finance_critical',
    'info',
    least(part.far.2, lost.key) AS its_object,
    '',
    part.hop,
    part.far.4,
    part.far.3,
    toDecimal64OrNull(toString(abs(lost.stood - into.into_sum)), 4),
    lost.currency,
    lost.stood_from,
    lost.gone.1,
    part.begun_at,
    NULL,
    lost.gone.1,
    concat('event ', lost.gone.2),
    arraySlice(arrayDistinct(arrayPushFront(part.far_events, lost.gone.2)), 1, 20),
    concat(part.near_key, if(part.near_objects > 1, concat(' and ', toString(part.near_objects - 1), ' more'), ''), ' came to ', money_words(into.into_sum, lost.currency),
        ', but what was made from it to ', money_words(lost.stood, lost.currency), ' until ', lost.key, ' was taken back.'),
    []
FROM beside AS lost
INNER JOIN members AS part ON part.hop = lost.hop AND part.label = lost.label
INNER JOIN valued AS into ON into.hop = lost.hop AND into.label = lost.label AND into.currency = lost.currency
WHERE abs(lost.stood - into.into_sum) > {tolerance:Decimal(18, 4)} AND (lost.hop, lost.label) NOT IN (SELECT hop, label FROM gaps)
ORDER BY lost.gone.1 DESC, lost.key
LIMIT 1 BY part.hop, part.label
