-- The version with which a billing event was created or an invoice posted, held against those in force at that instant. A version
-- is in force from the contract's first ok activated or amended event that carries it.
WITH
    made AS MATERIALIZED (
        SELECT own.object_hash AS object_hash, own.key AS key, own.amount AS amount, own.currency AS currency, own.legal_entity AS legal_entity, own.first_at AS first_at,
            event.occurred_at AS occurred_at, event.source AS source, event.event_id AS event_id, event.contract AS contract, event.contract_version AS version
        FROM (
            SELECT object_hash, concat(object_type, '/', object_id) AS key, amount, currency, legal_entity, first_at, sipHash64(object_type, arrayJoin(names)) AS name_hash
            FROM objects FINAL
            WHERE object_hash IN (SELECT object_hash FROM work_subjects) AND object_type IN ('billing_event', 'invoice') AND NOT deleted
        ) AS own
        INNER JOIN (
            SELECT object_hash AS name_hash, occurred_at, source, event_id, contract, contract_version
            FROM events
            WHERE object_hash IN (SELECT sipHash64(object_type, arrayJoin(names)) FROM objects FINAL
                    WHERE object_hash IN (SELECT object_hash FROM work_subjects) AND object_type IN ('billing_event', 'invoice') AND NOT deleted)
                AND outcome = 'ok' AND contract != '' AND contract_version != ''
                AND (object_type, action) IN (('billing_event', 'created'), ('invoice', 'posted'))
        ) AS event ON event.name_hash = own.name_hash
    ),
    contracts AS MATERIALIZED (
        SELECT object_hash, arrayJoin(names) AS contract, sipHash64(object_type, arrayJoin(names)) AS name_hash
        FROM objects FINAL
        WHERE object_type = 'contract' AND NOT deleted AND object_hash IN (
            SELECT sipHash64('contract', contract) FROM made
            UNION DISTINCT
            SELECT class_hash FROM alias_classes FINAL WHERE object_hash IN (SELECT sipHash64('contract', contract) FROM made)
        )
    ),
    versions AS (
        SELECT of.contract_hash AS contract_hash, of.version AS version, min((of.occurred_at, of.event_id)) AS began
        FROM (
            SELECT name.object_hash AS contract_hash, event.contract_version AS version, event.occurred_at AS occurred_at, event.event_id AS event_id
            FROM (
                SELECT object_hash AS name_hash, contract_version, occurred_at, event_id FROM events
                WHERE object_hash IN (SELECT name_hash FROM contracts) AND action IN ('activated', 'amended') AND outcome = 'ok' AND contract_version != ''
            ) AS event
            INNER JOIN (SELECT DISTINCT object_hash, name_hash FROM contracts) AS name ON name.name_hash = event.name_hash
        ) AS of
        GROUP BY of.contract_hash, of.version
    ),
    wanted AS (SELECT object_hash FROM made),
{{objects_of_wanted}},
{{standing_objects}},
{{departed_objects}},
    terms AS (
        SELECT name.contract AS contract, term.versions AS versions
        FROM (SELECT DISTINCT object_hash, contract FROM contracts) AS name
        INNER JOIN (
            SELECT contract_hash, arraySort(groupArray((began.1, began.2, version))) AS versions FROM versions GROUP BY contract_hash
        ) AS term ON term.contract_hash = name.object_hash
    )
SELECT
    bill.object_hash AS subject_hash,
    '' AS root,
    'conformance' AS kind,
    'stale_terms' AS subkind,
    'finance_critical' AS class,
    if(departed.gone.2 = '', 'warning', 'info') AS severity,
    bill.key AS object,
    '' AS process,
    '' AS stage,
    toString(bill.source) AS source,
    bill.legal_entity AS legal_entity,
    bill.amount AS amount,
    bill.currency AS currency,
    bill.occurred_at AS first_seen,
    bill.occurred_at AS last_seen,
    bill.first_at AS clock_start,
    NULL AS due_at,
    if(departed.gone.2 = '', NULL, departed.gone.1) AS resolved_at,
    if(departed.gone.2 = '', '', concat('event ', departed.gone.2)) AS resolved_by,
    arrayDistinct([bill.event_id, newest.2, departed.gone.2]) AS evidence,
    concat(bill.key, ' was made with version ', bill.version, ' of contract ', bill.contract, ', though version ', newest.3, ' was in force since ',
        formatDateTime(newest.1, '%Y-%m-%d %H:%i'), ' UTC.') AS explanation
FROM (
    SELECT one.*, arrayFirst(term -> term.3 = version, versions) AS own, arrayLast(term -> term.1 <= occurred_at, versions) AS newest
    FROM made AS one
    INNER JOIN terms ON terms.contract = one.contract
    WHERE own.3 != '' AND newest.3 != '' AND own.1 < newest.1
) AS bill
LEFT JOIN departed ON departed.object_hash = bill.object_hash
ORDER BY bill.object_hash, bill.occurred_at, bill.event_id
LIMIT 1 BY bill.object_hash
