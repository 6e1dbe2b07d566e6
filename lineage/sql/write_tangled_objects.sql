-- The same for the others: their events are put in the order (occurred_at, source, event_id, content_hash) and numbered.
INSERT INTO objects (
    object_hash, object_type, object_id, version, deleted, names, events, acts, failures, first_at, last_at, first_ok_at,
    amount, currency, source, customer, contract, project, resource, legal_entity, service_line, region, engagement, period,
    ended, ups, sources_hash, takes
)
WITH
    told_events AS (
        SELECT member.class_hash AS class_hash, e.*
        FROM (
            SELECT *, rowNumberInAllBlocks() AS place
            FROM (
                SELECT object_hash, object_type, object_id, occurred_at, source, event_id, content_hash, action, outcome, idempotency_key,
                    error_code, error_message, amount, currency, customer, contract, project, resource, legal_entity, service_line, region,
                    engagement, period
                FROM work_said
                WHERE object_hash IN (SELECT object_hash FROM work_tangled)
                ORDER BY occurred_at, source, event_id, content_hash
            )
        ) AS e
        INNER JOIN (SELECT object_hash, class_hash FROM work_members) AS member ON member.object_hash = e.object_hash
    ),
{{object_facts}},
{{object_links}}
SELECT
    named.class_hash, named.object_type, named.class_id, {turn:UInt64}, 0, named.names,
    facts.events, facts.acts, facts.failures, facts.first_at, facts.last_at, facts.first_ok_at,
    facts.money.1, facts.money.2, facts.last_source, facts.last_customer, facts.last_contract, facts.last_project,
    facts.last_resource, facts.last_legal_entity, facts.last_service_line, facts.last_region, facts.last_engagement,
    facts.last_period, facts.ended, linked.ups, if(empty(linked.made_from), 0, sipHash64(linked.made_from)),
{{takes_in_force}}
FROM (
    SELECT class_hash, any(object_type) AS object_type, any(class_id) AS class_id, arraySort(groupUniqArray(object_id)) AS names
    FROM work_members
    WHERE object_hash IN (SELECT object_hash FROM work_tangled)
    GROUP BY class_hash
) AS named
LEFT JOIN facts ON facts.class_hash = named.class_hash
LEFT JOIN linked ON linked.class_hash = named.class_hash
LEFT JOIN reversing ON reversing.class_hash = named.class_hash
