-- The contract of the event (core/event.py) as SQL: takes `lines`, gives `admitted`, each row with one fault or none.
-- The order of the branches is the order of faults that core.event states; a property test holds both to be alike.
-- One level a step, so that each value is computed once and the engine's analysis of the statement stays short.
-- A raw value tells its JSON type by its first character; absent and null are both the empty raw value.
parsed AS (
    SELECT
        *,
        JSONExtractKeysAndValuesRaw(line) AS pairs,
        JSONExtract(line, 'Tuple(
            event_id String, occurred_at String, source String,
            object Tuple(type String, id String, version String),
            action String, outcome String, correlation_id String, trace_id String, span_id String,
            idempotency_key String, attempt Int64,
            links Array(Tuple(type String, id String, relation String, amount String)),
            context Tuple(customer String, contract String, contract_version String, project String,
                resource String, legal_entity String, service_line String, region String,
                engagement String, period String, actor String),
            money Tuple(amount String, currency String, measure String),
            error Tuple(code String, message String))') AS e
    FROM lines
),
split AS (
    SELECT
        * EXCEPT (pairs),
        pairs.1 AS keys,
        arrayMap(raw -> if(raw = 'null', '', raw), pairs.2) AS raws
    FROM parsed
),
nested AS (
    SELECT
        *,
        raws[indexOf(keys, 'object')] AS object_raw,
        raws[indexOf(keys, 'links')] AS links_raw,
        raws[indexOf(keys, 'context')] AS context_raw,
        raws[indexOf(keys, 'money')] AS money_raw,
        raws[indexOf(keys, 'error')] AS error_raw,
        raws[indexOf(keys, 'attributes')] AS attributes_raw
    FROM split
),
opened AS (
    SELECT
        *,
        JSONExtractKeysAndValuesRaw(object_raw) AS object_pairs,
        JSONExtractKeysAndValuesRaw(context_raw) AS context_pairs,
        JSONExtractKeysAndValuesRaw(money_raw) AS money_pairs,
        JSONExtractKeysAndValuesRaw(error_raw) AS error_pairs,
        JSONExtractKeysAndValuesRaw(attributes_raw) AS attribute_pairs,
        JSONExtractArrayRaw(links_raw) AS link_raws
    FROM nested
),
flat AS (
    SELECT
        * EXCEPT (object_pairs, context_pairs, money_pairs, error_pairs),
        object_pairs.1 AS object_keys,
        arrayMap(raw -> if(raw = 'null', '', raw), object_pairs.2) AS object_raws,
        context_pairs.1 AS context_keys,
        arrayMap(raw -> if(raw = 'null', '', raw), context_pairs.2) AS context_raws,
        money_pairs.1 AS money_keys,
        arrayMap(raw -> if(raw = 'null', '', raw), money_pairs.2) AS money_raws,
        error_pairs.1 AS error_keys,
        arrayMap(raw -> if(raw = 'null', '', raw), error_pairs.2) AS error_raws,
        arrayFilter(pair -> pair.2 != 'null', attribute_pairs) AS attribute_kept,
        arrayMap(
            raw -> arrayMap(pair -> (pair.1, if(pair.2 = 'null', '', pair.2)), JSONExtractKeysAndValuesRaw(raw)), link_raws
        ) AS link_pairs,
        -- As long as link_raws whatever was sent, so that walking both together cannot fail.
        arrayResize(e.links, length(link_raws)) AS links
    FROM opened
),
picked AS (
    SELECT
        * EXCEPT (object_raws, money_raws, error_raws),
        raws[indexOf(keys, 'event_id')] AS event_id_raw,
        raws[indexOf(keys, 'occurred_at')] AS occurred_at_raw,
        raws[indexOf(keys, 'source')] AS source_raw,
        raws[indexOf(keys, 'action')] AS action_raw,
        raws[indexOf(keys, 'outcome')] AS outcome_raw,
        raws[indexOf(keys, 'correlation_id')] AS correlation_id_raw,
        raws[indexOf(keys, 'trace_id')] AS trace_id_raw,
        raws[indexOf(keys, 'span_id')] AS span_id_raw,
        raws[indexOf(keys, 'idempotency_key')] AS idempotency_key_raw,
        raws[indexOf(keys, 'attempt')] AS attempt_raw,
        object_raws[indexOf(object_keys, 'type')] AS object_type_raw,
        object_raws[indexOf(object_keys, 'id')] AS object_id_raw,
        object_raws[indexOf(object_keys, 'version')] AS object_version_raw,
        context_raws[indexOf(context_keys, 'engagement')] AS context_engagement_raw,
        context_raws[indexOf(context_keys, 'period')] AS context_period_raw,
        money_raws[indexOf(money_keys, 'amount')] AS money_amount_raw,
        money_raws[indexOf(money_keys, 'currency')] AS money_currency_raw,
        money_raws[indexOf(money_keys, 'measure')] AS money_measure_raw,
        error_raws[indexOf(error_keys, 'code')] AS error_code_raw,
        error_raws[indexOf(error_keys, 'message')] AS error_message_raw,
        arrayMap(pair -> pair.2[indexOf(pair.1, 'type')], link_pairs) AS link_type_raws,
        arrayMap(pair -> pair.2[indexOf(pair.1, 'id')], link_pairs) AS link_id_raws,
        arrayMap(pair -> pair.2[indexOf(pair.1, 'relation')], link_pairs) AS link_relation_raws,
        arrayMap(pair -> pair.2[indexOf(pair.1, 'amount')], link_pairs) AS link_amount_raws,
        attribute_kept.1 AS attribute_names,
        arrayMap(raw -> JSONExtractString(raw), attribute_kept.2) AS attribute_texts,
        parseDateTime64BestEffortOrNull(e.occurred_at, 6, 'UTC') AS the_instant
    FROM flat
),
judged AS (
    SELECT
        seq, delivery, received_at, mapping, mapping_version, record, line_number, line, span_links, skipped,
        e, links, attempt_raw, attribute_names, attribute_texts, the_instant,
        if(empty(source_raw), given_source, e.source) AS the_source,
        if(empty(outcome_raw), 'ok', e.outcome) AS the_outcome,
        multiIf(
            skipped, '',
            JSONType(line) != 'Object' AND NOT isValidJSON(line), 'not_json',
            -- A long number may stand inside a string: only then are strings taken out and a second look is had.
            match(line, '[0-9]{19}') AND match(replaceRegexpAll(line, '"([^"\\\\]|\\\\.)*"', '""'), '[0-9]{19}'), 'number',
            JSONType(line) != 'Object', 'not_object',
            -- A record that its source's mapping has refused says so itself, with its own bytes inside.
            has({reasons:Array(String)}, JSONExtractString(line, {refused:String}, 'reason')),
                concat(JSONExtractString(line, {refused:String}, 'reason'), ' ', JSONExtractString(line, {refused:String}, 'field')),
            length(keys) != length(arrayDistinct(keys)), concat('repeated_key ', arrayFirst((key, place) -> indexOf(keys, key) != place, keys, arrayEnumerate(keys))),
            length(object_keys) != length(arrayDistinct(object_keys)), concat('repeated_key object.', arrayFirst((key, place) -> indexOf(object_keys, key) != place, object_keys, arrayEnumerate(object_keys))),
            arrayExists(pair -> length(pair.1) != length(arrayDistinct(pair.1)), link_pairs),
                concat('repeated_key links.', arrayFirst(name -> notEmpty(name), arrayMap(
                    pair -> arrayFirst((key, place) -> indexOf(pair.1, key) != place, pair.1, arrayEnumerate(pair.1)), link_pairs))),
            length(context_keys) != length(arrayDistinct(context_keys)), concat('repeated_key context.', arrayFirst((key, place) -> indexOf(context_keys, key) != place, context_keys, arrayEnumerate(context_keys))),
            length(money_keys) != length(arrayDistinct(money_keys)), concat('repeated_key money.', arrayFirst((key, place) -> indexOf(money_keys, key) != place, money_keys, arrayEnumerate(money_keys))),
            length(error_keys) != length(arrayDistinct(error_keys)), concat('repeated_key error.', arrayFirst((key, place) -> indexOf(error_keys, key) != place, error_keys, arrayEnumerate(error_keys))),
            length(attribute_pairs) != length(arrayDistinct(attribute_pairs.1)), concat('repeated_key attributes.', arrayFirst((key, place) -> indexOf(attribute_pairs.1, key) != place, attribute_pairs.1, arrayEnumerate(attribute_pairs.1))),
            NOT hasAll({fields:Array(String)}, keys), concat('unknown_key ', arrayFirst(key -> NOT has({fields:Array(String)}, key), keys)),
            NOT hasAll(['type', 'id', 'version'], object_keys),
                concat('unknown_key object.', arrayFirst(key -> key NOT IN ('type', 'id', 'version'), object_keys)),
            length(link_raws) <= 10000 AND arrayExists(pair -> NOT hasAll(['type', 'id', 'relation', 'amount'], pair.1), link_pairs),
                concat('unknown_key links.', arrayFirst(key -> key NOT IN ('type', 'id', 'relation', 'amount'), arrayFlatten(link_pairs.1))),
            NOT hasAll({context_fields:Array(String)}, context_keys), concat('unknown_key context.', arrayFirst(key -> NOT has({context_fields:Array(String)}, key), context_keys)),
            NOT hasAll(['amount', 'currency', 'measure'], money_keys),
                concat('unknown_key money.', arrayFirst(key -> key NOT IN ('amount', 'currency', 'measure'), money_keys)),
            NOT hasAll(['code', 'message'], error_keys),
                concat('unknown_key error.', arrayFirst(key -> key NOT IN ('code', 'message'), error_keys)),
            substring(event_id_raw, 1, 1) NOT IN ('', '\"'), 'type event_id',
            lengthUTF8(e.event_id) > 200, 'length event_id',
            empty(occurred_at_raw), 'missing occurred_at',
            substring(occurred_at_raw, 1, 1) NOT IN ('', '\"'), 'type occurred_at',
            NOT match(e.occurred_at, {instant:String}), 'pattern occurred_at',
            -- The year is looked at as text too: of years that no calendar of the engine holds it makes some other instant.
            the_instant IS NULL OR substring(e.occurred_at, 1, 4) NOT BETWEEN '1969' AND '2300'
                OR the_instant NOT BETWEEN toDateTime64(0, 6, 'UTC') AND toDateTime64('2299-12-31 23:59:59.999999', 6, 'UTC'), 'range occurred_at',
            empty(source_raw) AND empty(given_source), 'missing source',
            substring(source_raw, 1, 1) NOT IN ('', '\"'), 'type source',
            lengthUTF8(if(empty(source_raw), given_source, e.source)) NOT BETWEEN 1 AND 200, 'length source',
            empty(object_raw), 'missing object',
            empty(object_type_raw) AND startsWith(object_raw, '{'), 'missing object.type',
            empty(object_id_raw) AND startsWith(object_raw, '{'), 'missing object.id',
            NOT startsWith(object_raw, '{'), 'type object',
            substring(object_type_raw, 1, 1) NOT IN ('', '\"'), 'type object.type',
            substring(object_id_raw, 1, 1) NOT IN ('', '\"'), 'type object.id',
            substring(object_version_raw, 1, 1) NOT IN ('', '\"') AND JSONType(line, 'object', 'version') NOT IN ('Int64', 'UInt64'), 'type object.version',
            lengthUTF8(e.object.id) NOT BETWEEN 1 AND 256, 'length object.id',
            lengthUTF8(e.object.version) > 200, 'length object.version',
            NOT match(e.object.type, {word:String}), 'pattern object.type',
            position(e.object.id, '\0') > 0, 'pattern object.id',
            empty(action_raw), 'missing action',
            substring(action_raw, 1, 1) NOT IN ('', '\"'), 'type action',
            NOT match(e.action, {word:String}), 'pattern action',
            notEmpty(outcome_raw) AND outcome_raw NOT IN ('"ok"', '"failed"', '"retrying"', '"skipped"'), 'choice outcome',
            substring(correlation_id_raw, 1, 1) NOT IN ('', '\"'), 'type correlation_id',
            lengthUTF8(e.correlation_id) > 200, 'length correlation_id',
            substring(trace_id_raw, 1, 1) NOT IN ('', '\"'), 'type trace_id',
            notEmpty(trace_id_raw) AND NOT match(e.trace_id, '^[0-9a-f]{32}$'), 'pattern trace_id',
            substring(span_id_raw, 1, 1) NOT IN ('', '\"'), 'type span_id',
            notEmpty(span_id_raw) AND NOT match(e.span_id, '^[0-9a-f]{16}$'), 'pattern span_id',
            substring(idempotency_key_raw, 1, 1) NOT IN ('', '\"'), 'type idempotency_key',
            lengthUTF8(e.idempotency_key) > 1000, 'length idempotency_key',
            notEmpty(attempt_raw) AND JSONType(line, 'attempt') NOT IN ('Int64', 'UInt64'), 'type attempt',
            notEmpty(attempt_raw) AND e.attempt NOT BETWEEN 1 AND 4294967295, 'range attempt',
            notEmpty(links_raw) AND (length(link_raws) > 10000), 'length links',
            arrayExists((raw, one) -> empty(one) AND startsWith(raw, '{'), link_raws, link_type_raws), 'missing links.type',
            arrayExists((raw, one) -> empty(one) AND startsWith(raw, '{'), link_raws, link_id_raws), 'missing links.id',
            arrayExists((raw, one) -> empty(one) AND startsWith(raw, '{'), link_raws, link_relation_raws), 'missing links.relation',
            notEmpty(links_raw) AND NOT startsWith(links_raw, '['), 'type links',
            arrayExists(raw -> NOT startsWith(raw, '{'), link_raws), 'type links',
            arrayExists(raw -> substring(raw, 1, 1) NOT IN ('', '\"'), link_type_raws), 'type links.type',
            arrayExists(raw -> substring(raw, 1, 1) NOT IN ('', '\"'), link_id_raws), 'type links.id',
            arrayExists(raw -> substring(raw, 1, 1) NOT IN ('', '\"'), link_amount_raws), 'type links.amount',
            arrayExists(link -> lengthUTF8(link.id) NOT BETWEEN 1 AND 256, links), 'length links.id',
            arrayExists(link -> NOT match(link.type, {word:String}), links), 'pattern links.type',
            arrayExists(link -> position(link.id, '\0') > 0, links), 'pattern links.id',
            arrayExists((raw, link) -> notEmpty(raw) AND NOT match(link.amount, {amount:String}), link_amount_raws, links), 'pattern links.amount',
            arrayExists(raw -> raw NOT IN ('"from"', '"same_as"', '"amends"', '"reverses"', '"part_of"'), link_relation_raws), 'choice links.relation',
            notEmpty(context_raw) AND NOT startsWith(context_raw, '{'), 'type context',
            arrayExists(raw -> substring(raw, 1, 1) NOT IN ('', '\"'), context_raws),
                concat('type context.', arrayFirst(name -> substring(context_raws[indexOf(context_keys, name)], 1, 1) NOT IN ('', '\"'), {context_fields:Array(String)})),
            arrayExists((name, raw) -> length(raw) > 1000 AND name NOT IN ('engagement', 'period') AND lengthUTF8(JSONExtractString(raw)) > 1000, context_keys, context_raws),
                concat('length context.', arrayFirst(name -> name NOT IN ('engagement', 'period')
                    AND lengthUTF8(JSONExtractString(context_raws[indexOf(context_keys, name)])) > 1000, {context_fields:Array(String)})),
            notEmpty(context_engagement_raw) AND NOT match(e.context.engagement, {word:String}), 'pattern context.engagement',
            notEmpty(context_period_raw) AND NOT match(e.context.period, '^[0-9]{4}-[0-9]{2}$'), 'pattern context.period',
            startsWith(money_raw, '{') AND empty(money_amount_raw), 'missing money.amount',
            startsWith(money_raw, '{') AND empty(money_currency_raw), 'missing money.currency',
            notEmpty(money_raw) AND NOT startsWith(money_raw, '{'), 'type money',
            substring(money_amount_raw, 1, 1) NOT IN ('', '\"'), 'type money.amount',
            substring(money_currency_raw, 1, 1) NOT IN ('', '\"'), 'type money.currency',
            notEmpty(money_raw) AND NOT match(e.money.amount, {amount:String}), 'pattern money.amount',
            notEmpty(money_raw) AND NOT has({currencies:Array(String)}, e.money.currency), 'choice money.currency',
            substring(money_measure_raw, 1, 1) NOT IN ('', '\"') OR notEmpty(money_measure_raw) AND NOT has({measures:Array(String)}, e.money.measure), 'choice money.measure',
            notEmpty(error_raw) AND NOT startsWith(error_raw, '{'), 'type error',
            substring(error_code_raw, 1, 1) NOT IN ('', '\"'), 'type error.code',
            substring(error_message_raw, 1, 1) NOT IN ('', '\"'), 'type error.message',
            lengthUTF8(e.error.code) > 1000, 'length error.code',
            lengthUTF8(e.error.message) > 65536, 'length error.message',
            notEmpty(attributes_raw) AND NOT startsWith(attributes_raw, '{'), 'type attributes',
            arrayExists(pair -> NOT startsWith(pair.2, '"'), attribute_kept), 'type attributes',
            length(attribute_kept) > 64 OR arrayExists(text -> length(text) > 4096, attribute_texts)
                OR arrayExists(name -> lengthUTF8(name) > 200, attribute_names), 'length attributes',
            arrayExists(link -> link.relation = 'same_as' AND link.type != e.object.type, links), 'across_types links.type',
            notEmpty(error_raw) AND outcome_raw NOT IN ('"failed"', '"retrying"'), 'not_with_outcome error',
            the_instant > received_at + INTERVAL 24 HOUR, 'future occurred_at',
            notEmpty(allowed_sources) AND NOT has(allowed_sources, the_source), 'not_allowed source',
            ''
        ) AS fault
    FROM picked
),
measured AS (
    SELECT
        * EXCEPT (attempt_raw, attribute_names, attribute_texts, the_instant),
        assumeNotNull(the_instant) AS at,
        toDecimal64OrNull(e.money.amount, 4) AS the_amount,
        arrayMap(link -> toDecimal64OrNull(link.amount, 4), links) AS the_link_amounts,
        if(empty(attempt_raw), 1, e.attempt) AS the_attempt,
        arraySort(arrayZip(attribute_names, attribute_texts)) AS sorted_attributes
    FROM judged
),
-- The canonical content of core.verdict: all texts joined, NUL, and the list of their lengths.
laid_out AS (
    SELECT
        *,
        arrayFlatten(arrayMap(pair -> [pair.1, pair.2], sorted_attributes)) AS attribute_parts,
        [
            toString(toUnixTimestamp64Micro(at)), the_source, e.object.type, e.object.id, e.object.version, e.action,
            the_outcome, e.correlation_id, e.trace_id, e.span_id, e.idempotency_key, toString(the_attempt),
            arrayStringConcat(arraySort(arrayMap(
                (link, amount) -> concat(link.relation, '\0', link.type, '\0', link.id, '\0',
                    if(isNull(amount), '', toString(reinterpretAsInt64(assumeNotNull(amount))))),
                links, the_link_amounts)), '\0'),
            e.context.customer, e.context.contract, e.context.contract_version, e.context.project, e.context.resource,
            e.context.legal_entity, e.context.service_line, e.context.region, e.context.engagement, e.context.period,
            e.context.actor, if(isNull(the_amount), '', toString(reinterpretAsInt64(assumeNotNull(the_amount)))),
            e.money.currency, e.money.measure, e.error.code, e.error.message,
            concat(arrayStringConcat(attribute_parts), '\0', toString(arrayMap(part -> length(part), attribute_parts)))
        ] AS content_parts
    FROM measured
),
hashed AS (
    SELECT
        * EXCEPT (attribute_parts, content_parts),
        SHA256(concat(arrayStringConcat(content_parts), '\0', toString(arrayMap(part -> length(part), content_parts)))) AS content
    FROM laid_out
),
admitted AS (
    SELECT
        seq,
        delivery,
        received_at,
        mapping,
        mapping_version,
        toUInt64(record) AS record,
        toUInt64(line_number) AS line_number,
        skipped,
        splitByChar(' ', fault, 2)[1] AS reason,
        substringUTF8(substring(fault, length(reason) + 2), 1, 200) AS field,
        multiIf(fault = '', '', JSONHas(line, {refused:String}, 'record'), JSONExtractString(line, {refused:String}, 'record'), line) AS raw,
        e.object.type AS object_type,
        e.object.id AS object_id,
        e.object.version AS object_version,
        sipHash64(object_type, object_id) AS object_hash,
        -- A refused record may carry an instant that no calendar holds.
        if(fault = '', at, toDateTime64(0, 6, 'UTC')) AS occurred_at,
        the_source AS source,
        if(empty(e.event_id), lower(hex(content)), e.event_id) AS event_id,
        toFixedString(substring(content, 1, 16), 16) AS content_hash,
        e.action AS action,
        the_outcome AS outcome,
        e.correlation_id AS correlation_id,
        e.trace_id AS trace_id,
        e.span_id AS span_id,
        e.idempotency_key AS idempotency_key,
        toUInt32(the_attempt) AS attempt,
        links.type AS link_types,
        links.id AS link_ids,
        links.relation AS link_relations,
        the_link_amounts AS link_amounts,
        span_links,
        e.context.customer AS customer,
        e.context.contract AS contract,
        e.context.contract_version AS contract_version,
        e.context.project AS project,
        e.context.resource AS resource,
        e.context.legal_entity AS legal_entity,
        e.context.service_line AS service_line,
        e.context.region AS region,
        e.context.engagement AS engagement,
        e.context.period AS period,
        e.context.actor AS actor,
        the_amount AS amount,
        e.money.currency AS currency,
        e.money.measure AS measure,
        e.error.code AS error_code,
        e.error.message AS error_message,
        CAST(sorted_attributes AS Map(String, String)) AS attributes
    FROM hashed
)
