-- One row an object from all its events: those whose instants alone put their events in order, as nearly all have it.
INSERT INTO objects (
    object_hash, object_type, object_id, version, deleted, names, events, acts, failures, first_at, last_at, first_ok_at,
    amount, currency, source, customer, contract, project, resource, legal_entity, service_line, region, engagement, period,
    ended, ups, sources_hash, takes
)
WITH
    told_events AS (
        SELECT object_hash AS class_hash, toUnixTimestamp64Micro(occurred_at) AS place, object_type, object_id, occurred_at, source, event_id,
            content_hash, action, outcome, idempotency_key, error_code, error_message, amount, currency, customer, contract, project,
            resource, legal_entity, service_line, region, engagement, period
        FROM work_said
        WHERE object_hash NOT IN (SELECT object_hash FROM work_tangled)
    ),
{{object_facts}},
{{object_links}}
SELECT
    facts.class_hash, facts.its_type, facts.its_id, {turn:UInt64}, 0, [facts.its_id],
    facts.events, facts.acts, facts.failures, facts.first_at, facts.last_at, facts.first_ok_at,
    facts.money.1, facts.money.2, facts.last_source, facts.last_customer, facts.last_contract, facts.last_project,
    facts.last_resource, facts.last_legal_entity, facts.last_service_line, facts.last_region, facts.last_engagement,
    facts.last_period, facts.ended, linked.ups, if(empty(linked.made_from), 0, sipHash64(linked.made_from)),
{{takes_in_force}}
FROM facts
LEFT JOIN linked ON linked.class_hash = facts.class_hash
LEFT JOIN reversing ON reversing.class_hash = facts.class_hash
