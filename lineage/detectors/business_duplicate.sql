-- Objects that say the same and stood at one time; it is over when all but one were taken back or reversed. What else agrees
-- beside raises the score.
WITH
    shared AS MATERIALIZED (
        SELECT key_hash, groupUniqArray(other_hash) AS hashes FROM likenesses
        WHERE key_hash IN (SELECT object_hash FROM work_subjects)
        GROUP BY key_hash
        HAVING length(hashes) > 1
    ),
    wanted AS MATERIALIZED (
        SELECT arrayJoin(hashes) AS object_hash FROM shared
        UNION DISTINCT
        SELECT class_hash FROM alias_classes FINAL WHERE object_hash IN (SELECT arrayJoin(hashes) FROM shared)
    ),
{{likeness}},
{{reversals}},
    judged AS (
        SELECT one.*,
            if(taken_back, ended, if(object_hash IN (
                SELECT object_hash FROM object_states FINAL WHERE object_hash IN (SELECT object_hash FROM wanted) AND bitTest(reversed, 1)
            ), taken.taken, (toDateTime64('2299-01-01 00:00:00', 6, 'UTC'), ''))) AS gone
        FROM alike AS one
        LEFT JOIN reversals AS taken ON taken.reversed_hash = one.object_hash
        WHERE fact.1 IN (SELECT key_hash FROM shared)
    )
SELECT
    subject_hash,
    '' AS root,
    'duplicate' AS kind,
    'business' AS subkind,
    'finance_critical' AS class,
    if(is_open, 'warning', 'info') AS severity,
    met[1].1 AS object,
    '' AS process,
    '' AS stage,
    shown[1].5 AS source,
    shown[1].4 AS legal_entity,
    if(its_type = 'project' OR arrayExists(each -> each.2 IS NULL, again) OR length(arrayDistinct(again.3)) > 1, NULL,
        arraySum(arrayMap(each -> assumeNotNull(each.2), again))) AS amount,
    if(amount IS NULL, '', again[1].3) AS currency,
    arrayMin(arraySlice(met, 2).6) AS first_seen,
    arrayMax(shown.7) AS last_seen,
    met[1].6 AS clock_start,
    NULL AS due_at,
    if(is_open, NULL, last_but_one.1) AS resolved_at,
    if(is_open, '', concat('event ', last_but_one.2)) AS resolved_by,
    arraySlice(arrayDistinct(arrayConcat(shown.8, if(is_open, [], [last_but_one.2]))), 1, 20) AS evidence,
    concat(shown[1].1, ' and ', arrayStringConcat(arraySlice(again, 1, 10).1, ', '), ' have the same ', reason,
        ' (score ', toString(score), if(is_open, ').', '); what was there a second time has been taken back.')) AS explanation,
    toDecimal32(round(if(its_type = 'project', 0.8, 0.9) + 0.05 * (length(arrayDistinct(shown.9)) = 1 AND shown[1].9 != '')
        + if(its_type = 'project', 0.1, 0.04) * (length(arrayDistinct(shown.10)) = 1), 2), 2) AS score
FROM (
    SELECT fact.1 AS subject_hash, its_type, reason,
        -- Those that stood at one time with another. So many that this cannot be looked at pair by pair did.
        if(length(all) > 1000, all, arrayFilter(one -> arrayExists(
            other -> other.1 != one.1 AND other.11 < one.12.1 AND one.11 < other.12.1, all), all)) AS met,
        arrayFilter(one -> one.12.2 = '', met) AS standing,
        toUInt8(length(standing) > 1) AS is_open,
        if(is_open, standing, met) AS shown,
        arraySlice(shown, 2) AS again,
        arraySort(arrayMap(one -> (-toUnixTimestamp64Micro(one.12.1), one.12), met))[2].2 AS last_but_one
    FROM (
        SELECT fact, any(object_type) AS its_type, fact.2 AS reason,
            arraySort(each -> each.1, groupArray((key, money, in_currency, entity, last_source, begun_at, ended_at, first_event,
                multiIf(object_type = 'expense_item', of_category, object_type = 'project', of_customer, in_currency),
                multiIf(object_type = 'expense_item', of_project, object_type = 'project', entity, toString(money)), stood_from, gone))) AS all
        FROM judged
        GROUP BY fact
        HAVING count() > 1
    )
    WHERE length(met) > 1
)
