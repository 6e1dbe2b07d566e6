-- The same source and event id with other content, whatever the days on which it says it happened.
WITH
    twice AS MATERIALIZED (
        SELECT identity, groupUniqArray(object_hash) AS hashes FROM event_ids
        WHERE (day, identity) IN ({{conflict_identities}})
        GROUP BY identity
        HAVING uniqExact(content_hash) > 1
    ),
    told AS (
        SELECT sipHash64(source, event_id) AS identity, any(source) AS its_source, any(event_id) AS its_event, uniqExact(content_hash) AS contents,
            min(occurred_at) AS first_told, max(occurred_at) AS last_told, groupUniqArray(object_hash) AS hashes
        FROM events
        WHERE object_hash IN (SELECT arrayJoin(hashes) FROM twice) AND sipHash64(source, event_id) IN (SELECT identity FROM twice)
        GROUP BY identity
        HAVING contents > 1
    ),
    named AS (
        SELECT arrayJoin(arrayMap(name -> sipHash64(object_type, name), names)) AS name_hash, concat(object_type, '/', object_id) AS key,
            amount, currency, legal_entity, first_at
        FROM objects FINAL
        WHERE NOT deleted AND object_hash IN (
            SELECT arrayJoin(hashes) FROM twice
            UNION DISTINCT
            SELECT class_hash FROM alias_classes FINAL WHERE object_hash IN (SELECT arrayJoin(hashes) FROM twice)
        )
    )
SELECT
    identity AS subject_hash,
    '' AS root,
    'duplicate' AS kind,
    'conflict' AS subkind,
    'finance_critical' AS class,
    'critical' AS severity,
    its.1 AS object,
    '' AS process,
    '' AS stage,
    toString(any(conflict.its_source)) AS source,
    its.4 AS legal_entity,
    its.2 AS amount,
    its.3 AS currency,
    any(first_told) AS first_seen,
    any(last_told) AS last_seen,
    its.5 AS clock_start,
    NULL AS due_at,
    NULL AS resolved_at,
    '' AS resolved_by,
    [any(conflict.its_event)] AS evidence,
    concat('Event ', any(conflict.its_event), ' of ', any(conflict.its_source), ' on ', object, ' was sent with ', toString(any(contents)), ' different contents; all are kept, and the latest counts.') AS explanation
FROM (SELECT * EXCEPT (hashes), arrayJoin(hashes) AS name_hash FROM told) AS conflict
INNER JOIN (SELECT name_hash, (key, amount, toString(currency), toString(legal_entity), first_at) AS named_it FROM named) AS name ON name.name_hash = conflict.name_hash
GROUP BY identity, conflict.name_hash, named_it AS its
ORDER BY identity, its.1
LIMIT 1 BY identity
