-- What the events of each object say, the latest by their place and never by their arrival: `told_events` gives each event
-- its object and a place in the order of that object's events.
    gathered AS (
        SELECT
            class_hash,
            any(object_type) AS its_type,
            any(object_id) AS its_id,
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
            argMaxIf(period, place, period != '') AS last_period,
            -- Sorted by place: the first and the last that fit are the earliest and the latest.
            arraySort(groupArray((place, action, transform(source,
                    (SELECT arrayPushBack(groupArray(toString(name)), '') FROM sources FINAL WHERE role != ''),
                    (SELECT arrayPushBack(groupArray(toString(role)), 'unknown') FROM sources FINAL WHERE role != ''), 'unknown'),
                outcome = 'ok', occurred_at, source, event_id, content_hash))) AS said
        FROM told_events
        GROUP BY class_hash
    ),
    facts AS (
        SELECT
            *,
            arrayZip(said.2, said.3) AS acted,
            arraySort(arrayMap(pair -> (
                pair.1, pair.2, countEqual(acted, pair), arrayCount((act, ok) -> ok AND act = pair, acted, said.4),
                said.5[arrayFirstIndex((act, ok) -> ok AND act = pair, acted, said.4)],
                (said.5[arrayLastIndex((act, ok) -> ok AND act = pair, acted, said.4) AS latest],
                    said.6[latest], said.7[latest], toString(said.8[latest]))
            ), arrayDistinct(acted))) AS acts,
            arrayExists(act -> act.1 IN ('rejected', 'reversed', 'cancelled') AND act.4 > 0, acts) AS ended
        FROM gathered
    )
