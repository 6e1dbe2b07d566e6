-- Objects that say the same and were neither taken back nor reversed. What else agrees beside raises the score.
WITH
    shared AS (
        SELECT key_hash, groupUniqArray(other_hash) AS hashes FROM likenesses
        WHERE key_hash IN (SELECT object_hash FROM work_subjects)
        GROUP BY key_hash
        HAVING length(hashes) > 1
    ),
    wanted AS (
        SELECT arrayJoin(hashes) AS object_hash FROM shared
        UNION DISTINCT
        SELECT class_hash FROM alias_classes FINAL WHERE object_hash IN (SELECT arrayJoin(hashes) FROM shared)
    ),
{{likeness}},
    standing AS (
        SELECT * FROM alike
        WHERE fact.1 IN (SELECT key_hash FROM shared) AND object_hash NOT IN (
            SELECT object_hash FROM object_states FINAL WHERE object_hash IN (SELECT object_hash FROM wanted) AND bitTest(reversed, 1)
        )
    )
SELECT
    fact.1 AS subject_hash,
    '' AS root,
    'duplicate' AS kind,
    'business' AS subkind,
    'finance_critical' AS class,
    'warning' AS severity,
    pair[1].1 AS object,
    '' AS process,
    '' AS stage,
    pair[1].5 AS source,
    pair[1].4 AS legal_entity,
    if(its_type = 'project' OR arrayExists(each -> each.2 IS NULL, again) OR length(arrayDistinct(again.3)) > 1, NULL,
        arraySum(arrayMap(each -> assumeNotNull(each.2), again))) AS amount,
    if(amount IS NULL, '', again[1].3) AS currency,
    arrayMin(again.6) AS first_seen,
    arrayMax(pair.7) AS last_seen,
    pair[1].6 AS clock_start,
    NULL AS due_at,
    NULL AS resolved_at,
    '' AS resolved_by,
    arraySlice(pair.8, 1, 20) AS evidence,
    concat(pair[1].1, ' and ', arrayStringConcat(arrayMap(each -> each.1, arraySlice(again, 1, 10)), ', '), ' have the same ', reason,
        ' (score ', toString(round(if(its_type = 'project', 0.8, 0.9) + 0.05 * (length(arrayDistinct(pair.9)) = 1 AND pair[1].9 != '')
            + if(its_type = 'project', 0.1, 0.04) * (length(arrayDistinct(pair.10)) = 1), 2)), ').') AS explanation
FROM (
    SELECT fact, any(object_type) AS its_type, fact.2 AS reason,
        arraySort(each -> each.1, groupArray((key, money, in_currency, entity, last_source, begun_at, ended_at, first_event,
            multiIf(object_type = 'expense_item', of_category, object_type = 'project', of_customer, in_currency),
            multiIf(object_type = 'expense_item', of_project, object_type = 'project', entity, toString(money))))) AS pair,
        arraySlice(pair, 2) AS again
    FROM standing
    GROUP BY fact
    HAVING count() > 1
)
