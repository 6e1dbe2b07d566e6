-- Failures of an object by action and what the catalogue knows of them; resolved when nothing of them is open any more.
SELECT
    object_hash,
    'failed_event' AS kind,
    judged.known AS known,
    judged.subkind AS subkind,
    judged.class AS class,
    if(open = 0, 'info', if(class = 'transient', 'warning', 'critical')) AS severity,
    object,
    '' AS process,
    action AS stage,
    source,
    legal_entity,
    -- What was never ok has the money that its failed events name.
    if(stood IS NULL, made.money.1, stood) AS amount,
    if(stood IS NULL, made.money.2, stood_currency) AS currency,
    first_failed AS first_seen,
    last_failed AS last_seen,
    first_at AS clock_start,
    CAST(NULL, 'Nullable(DateTime64(6, \'UTC\'))') AS due_at,
    -- Its own ok, else the first one of another object that settles it.
    if(settled_at >= last_failed, (settled_at, settled_by), arrayMin(arrayFilter(ok -> ok.1 >= last_failed, helped.oks))) AS settling,
    if(open = 0, greatest(settling.1, last_failed), NULL) AS resolved_at,
    multiIf(open > 0, '', settling.2 != '', concat('event ', settling.2), 'the same action on another object') AS resolved_by,
    if(open > 0 OR settling.2 = '', evidence, arrayDistinct(arrayPushBack(arraySlice(evidence, 1, 19), settling.2))) AS evidence,
    concat(object, ' failed at ', action, ' in ', source, if(total > 1, concat(' ', toString(total), ' times'), ''),
        if(code = '', '', concat(': ', code)), if(message = '', '', concat(' ', leftUTF8(message, 300))),
        if(known = 0, concat('. No pattern of the failure catalogue knows this error; its fingerprint is ', fingerprint, '.'), concat('. ', judged.advice))) AS explanation,
    code,
    {{failure_fingerprint}} AS fingerprint,
    made.mapping AS mapping,
    made.mapping_version AS mapping_version
FROM (
    SELECT
        object_hash, object, action, any(legal_entity) AS legal_entity, any(amount) AS stood, any(currency) AS stood_currency, any(first_at) AS first_at,
        min(failed_at) AS first_failed, max(failed_at) AS last_failed, count() AS total, countIf(is_open) AS open,
        argMax(failed_source, (failed_at, failed_id)) AS source, argMax(error_code, (failed_at, failed_id)) AS code,
        argMax(error_message, (failed_at, failed_id)) AS message, argMax(failed_id, (failed_at, failed_id)) AS last_id,
        arraySlice(arraySort(groupArray(failed_id)), 1, 20) AS evidence,
        any(ok_at) AS settled_at, any(ok_id) AS settled_by
    FROM (
        SELECT
            told.object_hash AS object_hash, concat(told.object_type, '/', told.object_id) AS object, told.legal_entity AS legal_entity,
            told.amount AS amount, told.currency AS currency, told.first_at AS first_at,
            failure.1 AS action, failure.2 AS failed_at, failure.3 AS failed_source, failure.4 AS failed_id, failure.6 AS error_code, failure.7 AS error_message,
            has(state.open_failures, place) AS is_open,
            arrayMax(arrayMap(act -> if(act.1 = failure.1 AND act.4 > 0, act.6, (toDateTime64(0, 6, 'UTC'), '', '', '')), told.acts)) AS last_ok,
            last_ok.1 AS ok_at, last_ok.3 AS ok_id
        FROM (
            SELECT object_hash, object_type, object_id, legal_entity, amount, currency, first_at, acts, failures
            FROM objects FINAL
            WHERE object_hash IN ({{failures_scope}}) AND notEmpty(failures) AND NOT deleted
        ) AS told
        LEFT JOIN (
            SELECT object_hash, open_failures FROM object_states FINAL WHERE object_hash IN ({{failures_scope}})
        ) AS state ON state.object_hash = told.object_hash
        ARRAY JOIN told.failures AS failure, arrayEnumerate(told.failures) AS place
    )
    GROUP BY object_hash, object, action
) AS failure
LEFT JOIN (
    -- Ok events of objects of the same make, and of objects with the same idempotency key.
    SELECT failed_hash, ok_action, groupArray(ok) AS oks
    FROM (
        SELECT own.object_hash AS failed_hash, arrayJoin(arrayFilter(act -> act.4 > 0, other.acts)) AS act, toString(act.1) AS ok_action, (act.6.1, act.6.3) AS ok
        FROM (
            SELECT object_hash, object_type, sources_hash FROM objects FINAL
            WHERE object_hash IN ({{failures_scope}}) AND notEmpty(failures) AND sources_hash != 0 AND NOT deleted
        ) AS own
        INNER JOIN (
            SELECT object_hash, object_type, sources_hash, acts FROM objects FINAL
            WHERE NOT deleted AND object_hash IN (
                SELECT down_hash FROM links_down WHERE process = '' AND up_hash IN (
                    SELECT arrayJoin(ups).2 FROM objects FINAL WHERE object_hash IN ({{failures_scope}}) AND notEmpty(failures) AND NOT deleted
                )
            )
        ) AS other ON other.sources_hash = own.sources_hash AND other.object_type = own.object_type
        WHERE other.object_hash != own.object_hash
        UNION ALL
        SELECT own.object_hash, arrayJoin(arrayFilter(act -> act.4 > 0, other.acts)) AS act, toString(act.1), (act.6.1, act.6.3)
        FROM (
            SELECT object_hash, object_type, arrayJoin(arrayDistinct(arrayMap(failure -> sipHash64(failure.5), arrayFilter(failure -> failure.5 != '', failures)))) AS key_hash
            FROM objects FINAL
            WHERE object_hash IN ({{failures_scope}}) AND notEmpty(failures) AND NOT deleted
        ) AS own
        INNER JOIN (
            SELECT DISTINCT key_hash, object_type, object_hash FROM idempotency_uses
            WHERE outcome = 'ok' AND key_hash IN (
                SELECT arrayJoin(arrayMap(failure -> sipHash64(failure.5), arrayFilter(failure -> failure.5 != '', failures))) FROM objects FINAL
                WHERE object_hash IN ({{failures_scope}}) AND notEmpty(failures) AND NOT deleted
            )
        ) AS use ON use.key_hash = own.key_hash AND use.object_type = own.object_type
        INNER JOIN (
            SELECT arrayJoin(arrayMap(name -> sipHash64(object_type, name), names)) AS name_hash, object_hash, acts FROM objects FINAL
            WHERE NOT deleted AND object_hash IN (
                SELECT object_hash FROM idempotency_uses WHERE outcome = 'ok' AND key_hash IN (
                    SELECT arrayJoin(arrayMap(failure -> sipHash64(failure.5), arrayFilter(failure -> failure.5 != '', failures))) FROM objects FINAL
                    WHERE object_hash IN ({{failures_scope}}) AND notEmpty(failures) AND NOT deleted
                )
            )
        ) AS other ON other.name_hash = use.object_hash
        WHERE other.object_hash != own.object_hash
    )
    GROUP BY failed_hash, ok_action
) AS helped ON helped.failed_hash = failure.object_hash AND helped.ok_action = failure.action
LEFT JOIN (
    -- By the object as well: a sender may use an event id of one object for another.
    SELECT made_hash, made_source, made_id, max(made_by) AS mapping, if(mapping = '', '', max(made_version)) AS mapping_version, any(its_money) AS money
    FROM (
        SELECT own.object_hash AS made_hash, event.source AS made_source, event.event_id AS made_id, event.mapping AS made_by, event.mapping_version AS made_version,
            argMaxIf((event.amount, event.currency), (event.occurred_at, event.source, event.event_id, event.content_hash), event.amount IS NOT NULL)
                OVER (PARTITION BY own.object_hash) AS its_money
        FROM (
            SELECT object_hash, sipHash64(object_type, arrayJoin(names)) AS name_hash FROM objects FINAL
            WHERE object_hash IN ({{failures_scope}}) AND notEmpty(failures) AND NOT deleted
        ) AS own
        INNER JOIN (
            SELECT object_hash, toString(source) AS source, event_id, toString(content_hash) AS content_hash, occurred_at, toString(mapping) AS mapping,
                toString(mapping_version) AS mapping_version, amount, toString(currency) AS currency
            FROM events
            WHERE outcome != 'ok' AND object_hash IN (
                SELECT sipHash64(object_type, arrayJoin(names)) FROM objects FINAL
                WHERE object_hash IN ({{failures_scope}}) AND notEmpty(failures) AND NOT deleted
            )
        ) AS event ON event.object_hash = own.name_hash
    )
    GROUP BY made_hash, made_source, made_id
) AS made ON made.made_hash = failure.object_hash AND made.made_source = failure.source AND made.made_id = failure.last_id
INNER JOIN (
    -- Each error that is told is held against the catalogue once, however many objects and revenue events it is told of; grouped,
    -- so that the engine does not put it off until all of them are joined.
    SELECT
        source AS of_source, code AS of_code, message AS of_message,
        any(arrayFirstIndex(pattern -> (patterns.sources[pattern] = '' OR match(source, patterns.sources[pattern]))
            AND (patterns.codes[pattern] = '' OR match(code, patterns.codes[pattern]))
            AND (patterns.messages[pattern] = '' OR match(message, patterns.messages[pattern])), arrayEnumerate(patterns.codes))) AS known,
        if(known = 0, 'unknown', any(patterns.subkinds)[known]) AS subkind,
        if(known = 0, 'finance_critical', any(patterns.classes)[known]) AS class,
        if(known = 0, '', any(patterns.advices)[known]) AS advice
    FROM (
        SELECT DISTINCT failure.3 AS source, failure.6 AS code, failure.7 AS message
        FROM (SELECT failures FROM objects FINAL WHERE object_hash IN ({{failures_scope}}) AND notEmpty(failures) AND NOT deleted)
        ARRAY JOIN failures AS failure
    ) AS error
    CROSS JOIN (
        SELECT groupArray(source_pattern) AS sources, groupArray(code_pattern) AS codes, groupArray(message_pattern) AS messages,
            groupArray(toString(subkind)) AS subkinds, groupArray(toString(class)) AS classes, groupArray(advice) AS advices
        FROM (SELECT * FROM failure_patterns ORDER BY rank)
    ) AS patterns
    GROUP BY source, code, message
) AS judged ON judged.of_source = failure.source AND judged.of_code = failure.code AND judged.of_message = failure.message
