-- Same idempotency key on two objects of a type, or two invoices (journal postings) asserted to be made from the same objects
-- with the same amount; reversed ones do not count.
WITH
    -- Most keys and most objects are used once, and need no closer look.
    uses AS (
        SELECT key_hash, idempotency_key, object_hash FROM idempotency_uses
        WHERE outcome = 'ok' AND key_hash IN (
            SELECT key_hash FROM idempotency_uses
            WHERE outcome = 'ok' AND key_hash IN (SELECT object_hash FROM work_subjects)
            GROUP BY key_hash, object_type
            HAVING uniqExact(object_hash) > 1
        )
    ),
    keyed AS (
        SELECT DISTINCT use.key_hash AS subject_hash, use.idempotency_key AS idempotency_key,
            if(class.class_hash = 0, use.object_hash, class.class_hash) AS object_hash
        FROM uses AS use
        LEFT JOIN (
            SELECT object_hash, class_hash FROM alias_classes FINAL WHERE object_hash IN (SELECT object_hash FROM uses)
        ) AS class ON class.object_hash = use.object_hash
    ),
    suspects AS (
        SELECT object_hash FROM keyed
        UNION DISTINCT
        SELECT arrayJoin(groupUniqArray(down_hash)) FROM links_down
        WHERE process = '' AND down_type IN ('invoice', 'journal_posting') AND up_hash IN (SELECT object_hash FROM work_subjects)
        GROUP BY up_hash, down_type
        HAVING uniqExact(down_hash) > 1
    ),
    candidates AS (
        SELECT told.object_hash AS object_hash, told.object_type AS object_type, concat(told.object_type, '/', told.object_id) AS key,
            told.amount AS amount, told.currency AS currency, told.legal_entity AS legal_entity, told.source AS source, told.first_at AS first_at,
            told.last_at AS last_at, told.sources_hash AS sources_hash, told.acts AS acts,
            arrayMin(arrayMap(up -> up.2, arrayFilter(up -> up.1 = '' AND up.4 = 'from', told.ups))) AS first_up
        FROM (SELECT * FROM objects FINAL WHERE NOT deleted AND object_hash IN (SELECT object_hash FROM suspects)) AS told
        LEFT JOIN (
            SELECT object_hash, reversed FROM object_states FINAL WHERE object_hash IN (SELECT object_hash FROM suspects)
        ) AS state ON state.object_hash = told.object_hash
        WHERE state.reversed = 0
    ),
    grouped AS (
        SELECT keyed.subject_hash AS subject_hash, candidates.object_type AS object_type,
            concat('the idempotency key ', any(keyed.idempotency_key)) AS reason,
            arraySort(groupArray((key, amount, currency, legal_entity, source, first_at, last_at, arrayMap(act -> act.6.3, acts)))) AS postings
        FROM keyed
        INNER JOIN candidates ON candidates.object_hash = keyed.object_hash
        GROUP BY keyed.subject_hash, candidates.object_type
        HAVING count() > 1
        UNION ALL
        SELECT first_up AS subject_hash, object_type,
            'the objects they were made from and their amount' AS reason,
            arraySort(groupArray((key, amount, currency, legal_entity, source, first_at, last_at, arrayMap(act -> act.6.3, acts)))) AS postings
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
    'critical' AS severity,
    postings[1].1 AS object,
    '' AS process,
    toString(object_type) AS stage,
    toString(postings[1].5) AS source,
    toString(postings[1].4) AS legal_entity,
    -- What was posted again; nothing is said where a posting has no money or the currencies differ.
    if(arrayExists(posting -> posting.2 IS NULL, arraySlice(postings, 2)) OR length(arrayDistinct(arrayMap(posting -> posting.3, arraySlice(postings, 2)))) > 1,
        NULL, arraySum(arrayMap(posting -> assumeNotNull(posting.2), arraySlice(postings, 2)))) AS amount,
    if(amount IS NULL, '', toString(postings[2].3)) AS currency,
    arrayMin(arrayMap(posting -> posting.6, arraySlice(postings, 2))) AS first_seen,
    arrayMax(arrayMap(posting -> posting.7, postings)) AS last_seen,
    postings[1].6 AS clock_start,
    CAST(NULL, 'Nullable(DateTime64(6, \'UTC\'))') AS due_at,
    CAST(NULL, 'Nullable(DateTime64(6, \'UTC\'))') AS resolved_at,
    '' AS resolved_by,
    arraySlice(arrayDistinct(arrayFlatten(arrayMap(posting -> posting.8, postings))), 1, 20) AS evidence,
    concat(postings[1].1, ' was posted again as ', arrayStringConcat(arrayMap(posting -> posting.1, arraySlice(postings, 2, 10)), ', '),
        ': they share ', reason, '.') AS explanation
FROM grouped
-- The key and the make may both tell; the key tells first.
LIMIT 1 BY subject_hash, object
