-- One row an object from all its events, the latest by their order and never by their arrival.
INSERT INTO objects (
    object_hash, object_type, object_id, version, deleted, names, events, acts, failures, first_at, last_at, first_ok_at,
    amount, currency, source, customer, contract, project, resource, legal_entity, service_line, region, engagement, period,
    ups, sources_hash, reverses
)
WITH
    facts AS (
        SELECT
            class_hash,
            count() AS events,
            arraySort(groupArrayIf((action, occurred_at, source, event_id, idempotency_key, error_code, error_message),
                outcome = 'failed')) AS failures,
            min(occurred_at) AS first_at,
            max(occurred_at) AS last_at,
            minOrNullIf(occurred_at, outcome = 'ok') AS first_ok_at,
            argMaxIf((amount, currency), place, outcome = 'ok' AND amount IS NOT NULL) AS money,
            argMax(source, place) AS last_source,
            argMaxIf(customer, place, customer != '') AS last_customer,
            argMaxIf(contract, place, contract != '') AS last_contract,
            argMaxIf(project, place, project != '') AS last_project,
            argMaxIf(resource, place, resource != '') AS last_resource,
            argMaxIf(legal_entity, place, legal_entity != '') AS last_legal_entity,
            argMaxIf(service_line, place, service_line != '') AS last_service_line,
            argMaxIf(region, place, region != '') AS last_region,
            argMaxIf(engagement, place, engagement != '') AS last_engagement,
            argMaxIf(period, place, period != '') AS last_period
        FROM work_events
        GROUP BY class_hash
    ),
    acted AS (
        SELECT class_hash, arraySort(groupArray((action, role, total, oks, first_ok, last_ok))) AS acts
        FROM (
            SELECT
                class_hash, action, if(sender.role = '', 'unknown', sender.role) AS role, count() AS total, countIf(outcome = 'ok') AS oks,
                minIf(occurred_at, outcome = 'ok') AS first_ok,
                argMaxIf((occurred_at, toString(said.source), event_id, toString(content_hash)), place, outcome = 'ok') AS last_ok
            FROM work_events AS said
            LEFT JOIN (SELECT name, role FROM sources FINAL) AS sender ON sender.name = said.source
            GROUP BY class_hash, action, role
        )
        GROUP BY class_hash
    ),
    linked AS (
        SELECT
            class_hash,
            arraySort(groupArray((process, up_hash, concat(up_type, '/', up_id), relation,
                if(grade = 3 AND (up_hash IN (SELECT class_hash FROM work_classes)
                    OR class_hash IN (SELECT class_hash FROM work_classes)), 2, grade),
                amount, rule, event_id))) AS ups,
            arraySort(groupUniqArrayIf(up_hash, process = '' AND relation = 'from')) AS made_from
        FROM work_ups
        GROUP BY class_hash
    ),
    reversing AS (
        SELECT class_hash, arraySort(groupArray((up, taken))) AS reverses
        FROM (
            -- What the latest ok event of the reversing object takes off the other; its links to it add up.
            SELECT class_hash, up, argMax((event_takes,), place).1 AS taken
            FROM (
                SELECT said.class_hash AS class_hash, if(class.class_hash = 0, said.target_hash, class.class_hash) AS up, said.place AS place,
                    if(countIf(said.taken IS NULL) > 0, NULL, sum(said.taken)) AS event_takes
                FROM (SELECT * FROM work_targets WHERE relation = 'reverses' AND ok) AS said
                LEFT JOIN (SELECT object_hash, class_hash FROM work_classes) AS class ON class.object_hash = said.target_hash
                GROUP BY class_hash, up, place
            )
            GROUP BY class_hash, up
            HAVING up != class_hash
        )
        GROUP BY class_hash
    )
SELECT
    named.class_hash, named.object_type, named.class_id, {turn:UInt64}, 0, named.names,
    facts.events, acted.acts, facts.failures, facts.first_at, facts.last_at, facts.first_ok_at,
    facts.money.1, facts.money.2, facts.last_source, facts.last_customer, facts.last_contract, facts.last_project,
    facts.last_resource, facts.last_legal_entity, facts.last_service_line, facts.last_region, facts.last_engagement,
    facts.last_period, linked.ups, if(empty(linked.made_from), 0, sipHash64(linked.made_from)), reversing.reverses
FROM (
    SELECT class_hash, any(object_type) AS object_type, any(class_id) AS class_id, arraySort(groupUniqArray(object_id)) AS names
    FROM work_members
    GROUP BY class_hash
) AS named
LEFT JOIN facts ON facts.class_hash = named.class_hash
LEFT JOIN acted ON acted.class_hash = named.class_hash
LEFT JOIN linked ON linked.class_hash = named.class_hash
LEFT JOIN reversing ON reversing.class_hash = named.class_hash
