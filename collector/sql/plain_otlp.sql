-- Events of OTLP records that say nothing unusual, straight from their attributes; takes `records`, gives `admitted`.
-- What is admitted here is what lines_otlp and admission would admit, with the same columns and content; whatever breaks
-- a rule, might break one, or is rare, is left out and goes that way. A property test holds both to be alike.
-- Lengths are counted in bytes here, which are never fewer than characters.
named AS (
    SELECT
        * EXCEPT (own_attributes),
        arrayFilter(pair -> startsWith(pair.1, 'revtrace.'), own_attributes) AS mine,
        mine.1 AS names,
        -- The text of a value; a value of another kind becomes a mark that no text can be, since texts are valid UTF-8.
        arrayMap(value -> multiIf(
            NOT startsWith(value, '\n'), '\xFF',
            length(value) < 130 AND reinterpretAsUInt8(substring(value, 2, 1)) = length(value) - 2, substring(value, 3),
            length(value) BETWEEN 131 AND 4200 AND reinterpretAsUInt8(substring(value, 2, 1)) > 127
                AND reinterpretAsUInt8(substring(value, 2, 1)) - 128 + 128 * reinterpretAsUInt8(substring(value, 3, 1)) = length(value) - 3,
            substring(value, 4),
            '\xFF'), mine.2) AS texts,
        resource_attributes.1 AS resource_names,
        arrayFirst(pair -> pair.1 = 'service.name', resource_attributes).2 AS service,
        if(startsWith(service, '\n') AND length(service) BETWEEN 3 AND 129 AND reinterpretAsUInt8(substring(service, 2, 1)) = length(service) - 2,
            substring(service, 3), '') AS service_name,
        NOT arrayExists(name -> startsWith(name, 'revtrace.object.'), names) AS skipped
    FROM records
),
placed AS (
    SELECT
        *,
        indexOf(names, 'revtrace.event_id') AS own_event_id_at,
        indexOf(names, 'revtrace.source') AS own_source_at,
        indexOf(names, 'revtrace.object.type') AS own_object_type_at,
        indexOf(names, 'revtrace.object.id') AS own_object_id_at,
        indexOf(names, 'revtrace.object.version') AS own_object_version_at,
        indexOf(names, 'revtrace.action') AS own_action_at,
        indexOf(names, 'revtrace.outcome') AS own_outcome_at,
        indexOf(names, 'revtrace.correlation_id') AS own_correlation_id_at,
        indexOf(names, 'revtrace.idempotency_key') AS own_idempotency_key_at,
        indexOf(names, 'revtrace.attempt') AS own_attempt_at,
        indexOf(names, 'revtrace.context.customer') AS own_customer_at,
        indexOf(names, 'revtrace.context.contract') AS own_contract_at,
        indexOf(names, 'revtrace.context.contract_version') AS own_contract_version_at,
        indexOf(names, 'revtrace.context.project') AS own_project_at,
        indexOf(names, 'revtrace.context.resource') AS own_resource_at,
        indexOf(names, 'revtrace.context.legal_entity') AS own_legal_entity_at,
        indexOf(names, 'revtrace.context.service_line') AS own_service_line_at,
        indexOf(names, 'revtrace.context.region') AS own_region_at,
        indexOf(names, 'revtrace.context.engagement') AS own_engagement_at,
        indexOf(names, 'revtrace.context.period') AS own_period_at,
        indexOf(names, 'revtrace.context.actor') AS own_actor_at,
        indexOf(names, 'revtrace.money.amount') AS own_amount_at,
        indexOf(names, 'revtrace.money.currency') AS own_currency_at,
        indexOf(names, 'revtrace.money.measure') AS own_measure_at,
        arrayMap(name -> substring(name, 21), arrayFilter(name -> startsWith(name, 'revtrace.attributes.'), names)) AS attribute_names
    FROM named
),
read AS (
    SELECT
        * EXCEPT (texts, mine),
        texts[own_event_id_at] AS own_event_id,
        texts[own_source_at] AS own_source,
        texts[own_object_type_at] AS own_object_type,
        texts[own_object_id_at] AS own_object_id,
        texts[own_object_version_at] AS own_object_version,
        texts[own_action_at] AS own_action,
        texts[own_outcome_at] AS own_outcome,
        texts[own_correlation_id_at] AS own_correlation_id,
        texts[own_idempotency_key_at] AS own_idempotency_key,
        texts[own_customer_at] AS own_customer,
        texts[own_contract_at] AS own_contract,
        texts[own_contract_version_at] AS own_contract_version,
        texts[own_project_at] AS own_project,
        texts[own_resource_at] AS own_resource,
        texts[own_legal_entity_at] AS own_legal_entity,
        texts[own_service_line_at] AS own_service_line,
        texts[own_region_at] AS own_region,
        texts[own_engagement_at] AS own_engagement,
        texts[own_period_at] AS own_period,
        texts[own_actor_at] AS own_actor,
        texts[own_amount_at] AS own_amount,
        texts[own_currency_at] AS own_currency,
        texts[own_measure_at] AS own_measure,
        mine.2[own_attempt_at] AS attempt_value,
        arrayFilter((text, name) -> startsWith(name, 'revtrace.attributes.'), texts, names) AS attribute_texts
    FROM placed
),
plain AS (
    SELECT
        *,
        if(own_source_at = 0, service_name, own_source) AS the_source,
        if(own_outcome_at = 0, 'ok', own_outcome) AS the_outcome,
        if(own_attempt_at = 0, 1, reinterpretAsUInt8(substring(attempt_value, 2, 1))) AS the_attempt,
        fromUnixTimestamp64Micro(toInt64(least(intDiv(nanoseconds, 1000), 10413791999999999)), 'UTC') AS at,
        if(skipped, NULL, toDecimal64OrNull(own_amount, 4)) AS the_amount,
        arraySort(arrayZip(attribute_names, attribute_texts)) AS sorted_attributes
    FROM read
    -- A chain of choices, since the engine takes as long to plan one AND of so many as it takes for all the rest.
    WHERE multiIf(
        skipped, 1,
        -- Every name is known, and none is there twice.
        length(names) != length(attribute_names) + (own_event_id_at != 0) + (own_source_at != 0)
            + (own_object_type_at != 0) + (own_object_id_at != 0) + (own_object_version_at != 0)
            + (own_action_at != 0) + (own_outcome_at != 0) + (own_correlation_id_at != 0)
            + (own_idempotency_key_at != 0) + (own_attempt_at != 0) + (own_customer_at != 0) + (own_contract_at != 0)
            + (own_contract_version_at != 0) + (own_project_at != 0) + (own_resource_at != 0)
            + (own_legal_entity_at != 0) + (own_service_line_at != 0) + (own_region_at != 0)
            + (own_engagement_at != 0) + (own_period_at != 0) + (own_actor_at != 0) + (own_amount_at != 0)
            + (own_currency_at != 0) + (own_measure_at != 0), 0,
        NOT isValidUTF8(arrayStringConcat(arrayConcat([
            own_event_id, own_source, own_object_type, own_object_id, own_object_version, own_action, own_outcome,
            own_correlation_id, own_idempotency_key, own_customer, own_contract, own_contract_version, own_project,
            own_resource, own_legal_entity, own_service_line, own_region, own_engagement, own_period, own_actor,
            own_amount, own_currency, own_measure,
            service_name], attribute_texts, attribute_names), '\0')), 0,
        failed OR nanoseconds = 0 OR intDiv(nanoseconds, 1000) > held.3 + 86400000000, 0,
        arrayExists(name -> startsWith(name, 'revtrace.'), resource_names), 0,
        NOT match(own_object_type, {word:String}) OR NOT match(own_action, {word:String}), 0,
        empty(own_object_id) OR length(own_object_id) > 256 OR position(own_object_id, '\0') > 0, 0,
        empty(the_source) OR length(the_source) > 200 OR length(own_event_id) > 200 OR length(own_object_version) > 200
            OR length(own_correlation_id) > 200 OR length(own_idempotency_key) > 1000, 0,
        notEmpty(held.7) AND NOT has(held.7, the_source), 0,
        the_outcome NOT IN ('ok', 'skipped'), 0,
        own_attempt_at != 0 AND (NOT startsWith(attempt_value, '\x18') OR length(attempt_value) != 2 OR the_attempt NOT BETWEEN 1 AND 127), 0,
        length(trace) NOT IN (0, 16) OR length(span) NOT IN (0, 8), 0,
        greatest(length(own_customer), length(own_contract), length(own_contract_version), length(own_project),
            length(own_resource), length(own_legal_entity), length(own_service_line), length(own_region),
            length(own_engagement), length(own_period), length(own_actor)) > 1000, 0,
        own_engagement_at != 0 AND NOT match(own_engagement, {word:String}), 0,
        own_period_at != 0 AND NOT match(own_period, '^[0-9]{4}-[0-9]{2}$'), 0,
        (own_amount_at = 0) != (own_currency_at = 0) OR own_measure_at != 0 AND own_amount_at = 0, 0,
        own_amount_at != 0 AND (NOT match(own_amount, {amount:String}) OR NOT has({currencies:Array(String)}, own_currency)), 0,
        own_measure_at != 0 AND NOT has({measures:Array(String)}, own_measure), 0,
        notEmpty(attribute_names) AND (
            length(attribute_names) > 64 OR length(arrayDistinct(attribute_names)) != length(attribute_names)
            OR arrayExists(text -> length(text) > 4096, attribute_texts)
            OR arrayExists(name -> length(name) > 200, attribute_names)), 0,
        1)
),
laid_out AS (
    SELECT
        *,
        lower(hex(trace)) AS trace_text,
        lower(hex(span)) AS span_text,
        if(isNull(the_amount), '', toString(reinterpretAsInt64(assumeNotNull(the_amount)))) AS amount_text,
        arrayFlatten(arrayMap(pair -> [pair.1, pair.2], sorted_attributes)) AS attribute_parts,
        [
            toString(toUnixTimestamp64Micro(at)), the_source, own_object_type, own_object_id, own_object_version, own_action,
            the_outcome, own_correlation_id, trace_text, span_text, own_idempotency_key, toString(the_attempt), '',
            own_customer, own_contract, own_contract_version, own_project, own_resource, own_legal_entity,
            own_service_line, own_region, own_engagement, own_period, own_actor,
            amount_text, own_currency, own_measure, '', '',
            concat(arrayStringConcat(attribute_parts), '\0', toString(arrayMap(part -> length(part), attribute_parts)))
        ] AS content_parts
    FROM plain
),
hashed AS (
    SELECT
        *,
        SHA256(concat(arrayStringConcat(content_parts), '\0', toString(arrayMap(part -> length(part), content_parts)))) AS content
    FROM laid_out
),
admitted AS (
    SELECT
        held.1 AS seq,
        held.2 AS delivery,
        fromUnixTimestamp64Micro(held.3, 'UTC') AS received_at,
        held.5 AS mapping,
        held.6 AS mapping_version,
        toUInt64(record) AS record,
        toUInt64(record) AS line_number,
        skipped,
        '' AS reason,
        '' AS field,
        '' AS raw,
        own_object_type AS object_type,
        own_object_id AS object_id,
        own_object_version AS object_version,
        sipHash64(object_type, object_id) AS object_hash,
        at AS occurred_at,
        the_source AS source,
        if(empty(own_event_id), lower(hex(content)), own_event_id) AS event_id,
        toFixedString(substring(content, 1, 16), 16) AS content_hash,
        own_action AS action,
        the_outcome AS outcome,
        own_correlation_id AS correlation_id,
        trace_text AS trace_id,
        span_text AS span_id,
        own_idempotency_key AS idempotency_key,
        toUInt32(the_attempt) AS attempt,
        emptyArrayString() AS link_types,
        emptyArrayString() AS link_ids,
        emptyArrayString() AS link_relations,
        CAST([] AS Array(Nullable(Decimal(18, 4)))) AS link_amounts,
        span_links,
        own_customer AS customer,
        own_contract AS contract,
        own_contract_version AS contract_version,
        own_project AS project,
        own_resource AS resource,
        own_legal_entity AS legal_entity,
        own_service_line AS service_line,
        own_region AS region,
        own_engagement AS engagement,
        own_period AS period,
        own_actor AS actor,
        the_amount AS amount,
        own_currency AS currency,
        own_measure AS measure,
        '' AS error_code,
        '' AS error_message,
        CAST(sorted_attributes AS Map(String, String)) AS attributes
    FROM hashed
)
