-- Same idempotency key on two objects of a type, or two invoices (journal postings) asserted to be made from the same objects
-- with the same amount. A reversed one counts while it stood: the finding is over when at most one is left. Where a call got no answer
-- before the last of them, the first was posted and not acknowledged, and the finding says so.
WITH
    (SELECT groupArray((source_pattern, code_pattern, message_pattern, toString(subkind))) FROM (SELECT * FROM failure_patterns ORDER BY rank)) AS patterns,
    -- Most keys and most objects are used once, and need no closer look.
    uses AS MATERIALIZED (
        SELECT key_hash, idempotency_key, object_hash FROM idempotency_uses
        WHERE outcome = 'ok' AND key_hash IN (
            SELECT key_hash FROM idempotency_uses
            WHERE outcome = 'ok' AND key_hash IN (SELECT object_hash FROM work_subjects)
            GROUP BY key_hash, object_type
            HAVING uniqExact(object_hash) > 1
        )
    ),
    keyed AS MATERIALIZED (
        SELECT DISTINCT use.key_hash AS subject_hash, use.idempotency_key AS idempotency_key,
            if(class.class_hash = 0, use.object_hash, class.class_hash) AS object_hash
        FROM uses AS use
        LEFT JOIN (
            SELECT object_hash, class_hash FROM alias_classes FINAL WHERE object_hash IN (SELECT object_hash FROM uses)
        ) AS class ON class.object_hash = use.object_hash
    ),
    suspects AS MATERIALIZED (
        SELECT object_hash FROM keyed
        UNION DISTINCT
        SELECT arrayJoin(groupUniqArray(down_hash)) FROM work_downs
        WHERE process = '' AND down_type IN ('invoice', 'journal_posting') AND up_hash IN (SELECT object_hash FROM work_subjects)
        GROUP BY up_hash, down_type
        HAVING uniqExact(down_hash) > 1
    ),
    wanted AS (SELECT object_hash FROM suspects),
{{reversals}},
    -- Calls for them that failed, told of the postings or of what they were made from.
    calls AS (
        SELECT asked.posting AS posting, groupUniqArray((call.at, call.event_id, call.by, call.code, call.message)) AS of_posting
        FROM (
            SELECT object_hash AS posting, arrayJoin(arrayConcat(arrayMap(name -> sipHash64(object_type, name), names),
                arrayMap(up -> up.2, arrayFilter(up -> up.1 = '' AND up.4 = 'from' AND match(up.3, '^(billing_event|invoice)/'), ups)))) AS of_hash
            FROM objects FINAL
            WHERE NOT deleted AND object_hash IN (SELECT object_hash FROM suspects)
        ) AS asked
        INNER JOIN (
            SELECT object_hash, occurred_at AS at, event_id, toString(source) AS by, error_code AS code, error_message AS message
            FROM events
            WHERE outcome IN ('failed', 'retrying') AND object_hash IN (
                SELECT arrayJoin(arrayConcat(arrayMap(name -> sipHash64(object_type, name), names), arrayMap(up -> up.2, ups))) FROM objects FINAL
                WHERE NOT deleted AND object_hash IN (SELECT object_hash FROM suspects)
            )
        ) AS call ON call.object_hash = asked.of_hash
        GROUP BY asked.posting
    ),
    candidates AS MATERIALIZED (
        SELECT told.object_hash AS object_hash, told.object_type AS object_type, concat(told.object_type, '/', told.object_id) AS key,
            told.amount AS amount, told.currency AS currency, told.legal_entity AS legal_entity, told.source AS source, told.first_at AS first_at,
            told.last_at AS last_at, told.sources_hash AS sources_hash, told.acts AS acts, calls.of_posting AS failed_calls,
            arrayMin(arrayMap(up -> up.2, arrayFilter(up -> up.1 = '' AND up.4 = 'from', told.ups))) AS first_up,
            ifNull(told.first_ok_at, told.first_at) AS stood_from,
            arrayMin(arrayPushBack(arrayMap(act -> act.5, arrayFilter(act -> act.1 = 'posted' AND act.4 > 0, told.acts)), toDateTime64('2299-01-01 00:00:00', 6, 'UTC'))) AS said_posted,
            if(said_posted < toDateTime64('2299-01-01 00:00:00', 6, 'UTC'), said_posted, stood_from) AS posted_at,
            -- When and by what it was reversed: far ahead while it stands.
            if(state.reversed = 0, (toDateTime64('2299-01-01 00:00:00', 6, 'UTC'), ''), greatest(taken.taken,
                arrayMax(arrayMap(act -> if(act.1 = 'reversed' AND act.4 > 0, (act.6.1, act.6.3), (toDateTime64(0, 6, 'UTC'), '')), told.acts)))) AS gone
        FROM (SELECT * FROM objects FINAL WHERE NOT deleted AND object_hash IN (SELECT object_hash FROM suspects)) AS told
        LEFT JOIN (
            SELECT object_hash, reversed FROM object_states FINAL WHERE object_hash IN (SELECT object_hash FROM suspects)
        ) AS state ON state.object_hash = told.object_hash
        LEFT JOIN reversals AS taken ON taken.reversed_hash = told.object_hash
        LEFT JOIN calls ON calls.posting = told.object_hash
    ),
    grouped AS (
        SELECT keyed.subject_hash AS subject_hash, candidates.object_type AS object_type,
            concat('the idempotency key ', any(keyed.idempotency_key)) AS reason,
            arraySort(groupArray((key, amount, currency, legal_entity, source, first_at, last_at, arrayMap(act -> act.6.3, acts), stood_from, gone, failed_calls, posted_at))) AS postings
        FROM keyed
        INNER JOIN candidates ON candidates.object_hash = keyed.object_hash
        GROUP BY keyed.subject_hash, candidates.object_type
        HAVING count() > 1
        UNION ALL
        SELECT first_up AS subject_hash, object_type,
            'the objects they were made from and their amount' AS reason,
            arraySort(groupArray((key, amount, currency, legal_entity, source, first_at, last_at, arrayMap(act -> act.6.3, acts), stood_from, gone, failed_calls, posted_at))) AS postings
        FROM candidates
        WHERE sources_hash != 0 AND amount IS NOT NULL AND object_type IN ('invoice', 'journal_posting')
            AND first_up IN (SELECT object_hash FROM work_subjects)
            AND arrayExists(act -> act.1 = 'posted' AND act.4 > 0, acts)
        GROUP BY first_up, sources_hash, object_type, amount, currency
        HAVING count() > 1
    )
SELECT
    subject_hash,
    '' AS root,
    'duplicate' AS kind,
    'posting' AS subkind,
    'finance_critical' AS class,
    if(is_open, 'critical', 'info') AS severity,
    met[1].1 AS object,
    '' AS process,
    toString(object_type) AS stage,
    toString(shown[1].5) AS source,
    toString(shown[1].4) AS legal_entity,
    -- What was posted again; nothing is said where a posting has no money or the currencies differ.
    if(arrayExists(posting -> posting.2 IS NULL, again) OR length(arrayDistinct(again.3)) > 1,
        NULL, arraySum(arrayMap(posting -> assumeNotNull(posting.2), again))) AS amount,
    if(amount IS NULL, '', toString(again[1].3)) AS currency,
    arrayMin(arraySlice(met, 2).6) AS first_seen,
    arrayMax(met.7) AS last_seen,
    met[1].6 AS clock_start,
    CAST(NULL, 'Nullable(DateTime64(6, \'UTC\'))') AS due_at,
    if(is_open, NULL, last_but_one.1) AS resolved_at,
    if(is_open, '', concat('event ', last_but_one.2)) AS resolved_by,
    arraySlice(arrayDistinct(arrayConcat(if(lost.2 = '', [], [lost.2]), arrayFlatten(shown.8), if(is_open, [], [last_but_one.2]))), 1, 20) AS evidence,
    concat(shown[1].1, ' was posted again as ', arrayStringConcat(arraySlice(again, 1, 10).1, ', '), ': they share ', reason,
        if(lost.2 = '', '', concat('; the first was posted and not acknowledged, since ', lost.3, ' got no answer at ', formatDateTime(lost.1, '%Y-%m-%d %H:%i'), ' UTC',
            if(lost.4 = '', '', concat(' (', lost.4, ')')))),
        if(is_open, '.', '; what was too many has been reversed.')) AS explanation,
    lost.4 AS code
FROM (
    SELECT subject_hash, object_type, reason,
        -- Those that stood at one time with another. So many of one fact that this cannot be looked at pair by pair did.
        if(length(postings) > 1000, postings, arrayFilter(one -> arrayExists(
            other -> other.1 != one.1 AND other.9 < one.10.1 AND one.9 < other.10.1, postings), postings)) AS met,
        arrayFilter(one -> one.10.2 = '', met) AS standing,
        toUInt8(length(standing) > 1) AS is_open,
        if(is_open, standing, met) AS shown,
        arraySlice(shown, 2) AS again,
        -- An ERP may note a posting a little later than its caller gave up.
        arraySort(arrayFilter(call -> call.1 >= arrayMin(shown.9) - INTERVAL 15 MINUTE AND call.1 <= arrayMax(shown.12)
            AND arrayFirst(one -> (one.1 = '' OR match(call.3, one.1)) AND (one.2 = '' OR match(call.4, one.2)) AND (one.3 = '' OR match(call.5, one.3)), patterns).4
                IN ('timeout', 'connection'), arrayFlatten(shown.11)))[1] AS lost,
        arraySort(arrayMap(one -> (-toUnixTimestamp64Micro(one.10.1), one.10), met))[2].2 AS last_but_one
    FROM grouped
    WHERE length(met) > 1
)
-- The key and the make may both tell; what is open tells first, then the key.
ORDER BY subject_hash, object, is_open DESC, reason DESC
LIMIT 1 BY subject_hash, object
