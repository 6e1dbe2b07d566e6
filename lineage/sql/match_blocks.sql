    -- The objects that rules look at, each in the block of those that agree with it in all that a rule asks for. What was withdrawn, or
    -- is silent about any of it, is in none.
    SELECT
        rule.rule AS rule, own.object_type = rule.down_type AS is_down, own.object_hash AS object_hash, own.object_type AS object_type,
        own.object_id AS object_id, own.at_us AS at_us, own.ups AS ups, own.names AS names, rule.down_type AS down_type, rule.texts AS texts,
        arrayMap(field -> own.facts[indexOf(
            ['customer', 'contract', 'project', 'resource', 'legal_entity', 'service_line', 'region', 'engagement', 'period'], field)],
            rule.fields) AS facts,
        sipHash64(rule.rule, own.currency, toString(own.amount), facts) AS block_hash
    FROM (
        SELECT object_hash, toString(object_type) AS object_type, object_id, assumeNotNull(amount) AS amount, toString(currency) AS currency,
            toUnixTimestamp64Micro(assumeNotNull(first_ok_at)) AS at_us, ups, names,
            [customer, contract, project, resource, toString(legal_entity), toString(service_line), toString(region), toString(engagement),
                toString(period)] AS facts
        FROM objects FINAL
        WHERE object_hash IN (SELECT object_hash FROM work_matchable) AND NOT deleted AND NOT ended AND amount != 0 AND first_ok_at IS NOT NULL
            AND object_type IN (SELECT arrayJoin([up_type, down_type]) FROM match_rules)
    ) AS own
    CROSS JOIN match_rules AS rule
    WHERE own.object_type IN (rule.up_type, rule.down_type) AND NOT has(facts, '')
