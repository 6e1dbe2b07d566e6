-- Stages the event lines that say nothing unusual, from what the engine's own reader of JSON has made of them.
-- What is admitted here is what admission.sql would admit, with the same columns and content; whatever breaks a rule,
-- might break one, or is rare, is left out and goes that way. A property test holds both to be alike.
-- That reader is more lenient than JSON is (escapes, control characters, a comma too many, numbers in quotes), so the
-- bodies as a whole are checked too, which costs little: one document each, with a comma before each line but the first.
-- Lengths are counted in bytes here, which are never fewer than characters.
INSERT INTO {staged:Identifier} (
{{staged_columns}}
)
WITH
(
    SELECT (
        groupArray(delivery), groupArray(toUnixTimestamp64Micro(received_at)), groupArray(source), groupArray(mapping),
        groupArray(mapping_version), groupArray(file_line), groupArray(allowed_sources), groupArray(readable),
        groupArray(counted)
    )
    FROM (
        SELECT
            seq, delivery, received_at, source, toString(mapping) AS mapping, mapping_version, file_line, allowed_sources,
            if(prepared, lines, body) AS text,
            isValidJSON(concat('[', replaceAll(text, '\n{', '\n,{'), ']')) AS readable,
            -- An attempt is a whole number of few digits wherever there is one; nowhere is its name written otherwise.
            countSubstrings(text, '"attempt"') AS attempts,
            attempts > 0 AND NOT match(text, '\\\\u00[0-7]')
                AND attempts = length(extractAll(text, '"attempt"[ \t\r]*:[ \t\r]*[1-9][0-9]{0,8}[ \t\r]*[,}]')) AS counted
        FROM landing
        ORDER BY seq
    )
) AS held,
range(length(held.1)) AS places,
told AS (
    SELECT
        *,
        toUInt64(`$begin` - {begin:UInt64}) AS number,
        toUInt64(`$end` - {end:UInt64}) AS number_behind,
        roundDown(number, {firsts:Array(UInt64)}) AS first,
        transform(first, {firsts:Array(UInt64)}, places, 0) AS seq,
        number - first + 1 AS record,
        transform(first, {firsts:Array(UInt64)}, held.1, '') AS delivery,
        transform(first, {firsts:Array(UInt64)}, held.2, 0) AS received,
        ifNull(source, transform(first, {firsts:Array(UInt64)}, held.3, '')) AS the_source,
        ifNull(outcome, 'ok') AS the_outcome,
        ifNull(attempt, 1) AS the_attempt,
        held.7[seq + 1] AS allowed_sources,
        parseDateTime64BestEffortOrZero(occurred_at, 6, 'UTC') AS at,
        money.1 != '\xFF' AS has_money,
        if(has_money, money.1, '') AS amount_told,
        if(has_money, toDecimal64OrNull(money.1, 4), NULL) AS the_amount,
        error.1 != '\xFF' AS has_error,
        if(has_error, error.1, '') AS the_code,
        arrayMap(amount -> toDecimal64OrNull(ifNull(amount, ''), 4), links.4) AS the_link_amounts,
        arraySort(arrayMap(pair -> (pair.1, ifNull(pair.2, '')), CAST(attributes AS Array(Tuple(String, Nullable(String)))))) AS sorted_attributes
    FROM landing_lean_lines
),
plain AS (
    SELECT *
    FROM told
    -- A chain of choices, since the engine takes as long to plan one AND of so many as it takes for all the rest.
    WHERE multiIf(
        number != number_behind OR number NOT BETWEEN 1 AND 999999 OR NOT transform(first, {firsts:Array(UInt64)}, held.8, 0), 0,
        length(event_id) > 200 OR length(correlation_id) > 200 OR length(object.3) > 200 OR length(idempotency_key) > 1000, 0,
        NOT match(occurred_at, {instant:String}) OR substring(occurred_at, 1, 4) NOT BETWEEN '1971' AND '2298'
            OR toUnixTimestamp64Micro(at) NOT BETWEEN 1 AND received + 86400000000, 0,
        empty(the_source) OR length(the_source) > 200 OR notEmpty(allowed_sources) AND NOT has(allowed_sources, the_source), 0,
        NOT match(object.1, {word:String}) OR NOT match(action, {word:String}), 0,
        empty(object.2) OR length(object.2) > 256 OR position(object.2, '\0') > 0, 0,
        the_outcome NOT IN ('ok', 'failed', 'retrying', 'skipped'), 0,
        isNotNull(trace_id) AND NOT match(assumeNotNull(trace_id), '^[0-9a-f]{32}$'), 0,
        isNotNull(span_id) AND NOT match(assumeNotNull(span_id), '^[0-9a-f]{16}$'), 0,
        isNotNull(attempt) AND (the_attempt NOT BETWEEN 1 AND 999999999 OR NOT transform(first, {firsts:Array(UInt64)}, held.9, 0)), 0,
        notEmpty(links) AND (
            length(links) > 10000
            OR arrayExists((type, id, relation, amount) -> NOT match(type, {word:String}) OR empty(id) OR length(id) > 256
                OR position(id, '\0') > 0 OR relation NOT IN ('from', 'same_as', 'amends', 'reverses', 'part_of')
                OR relation = 'same_as' AND type != object.1
                OR isNotNull(amount) AND NOT match(assumeNotNull(amount), {amount:String}), links.1, links.2, links.3, links.4)), 0,
        greatest(length(context.1), length(context.2), length(context.3), length(context.4), length(context.5),
            length(context.6), length(context.7), length(context.8), length(context.11)) > 1000, 0,
        isNotNull(context.9) AND NOT match(assumeNotNull(context.9), {word:String}), 0,
        isNotNull(context.10) AND NOT match(assumeNotNull(context.10), '^[0-9]{4}-[0-9]{2}$'), 0,
        has_money AND (NOT match(money.1, {amount:String}) OR NOT has({currencies:Array(String)}, money.2)
            OR isNotNull(money.3) AND NOT has({measures:Array(String)}, assumeNotNull(money.3))), 0,
        has_error AND (the_outcome NOT IN ('failed', 'retrying') OR length(error.1) > 1000 OR length(error.2) > 65536), 0,
        notEmpty(attributes) AND (
            length(attributes) > 64 OR length(arrayDistinct(mapKeys(attributes))) != length(attributes)
            OR arrayExists(text -> isNull(text) OR length(assumeNotNull(text)) > 4096, mapValues(attributes))
            OR arrayExists(name -> length(name) > 200, mapKeys(attributes))), 0,
        1)
),
laid_out AS (
    SELECT
        *,
        arrayFlatten(arrayMap(pair -> [pair.1, pair.2], sorted_attributes)) AS attribute_parts,
        [
            toString(toUnixTimestamp64Micro(at)), the_source, object.1, object.2, object.3, action,
            the_outcome, correlation_id, ifNull(trace_id, ''), ifNull(span_id, ''), idempotency_key, toString(the_attempt),
            arrayStringConcat(arraySort(arrayMap(
                (type, id, relation, amount) -> concat(relation, '\0', type, '\0', id, '\0',
                    if(isNull(amount), '', toString(reinterpretAsInt64(assumeNotNull(amount))))),
                links.1, links.2, links.3, the_link_amounts)), '\0'),
            context.1, context.2, context.3, context.4, context.5, context.6, context.7, context.8,
            ifNull(context.9, ''), ifNull(context.10, ''), context.11,
            if(isNull(the_amount), '', toString(reinterpretAsInt64(assumeNotNull(the_amount)))),
            money.2, ifNull(money.3, ''), the_code, error.2,
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
        toUInt32(seq) AS seq,
        delivery,
        fromUnixTimestamp64Micro(received, 'UTC') AS received_at,
        transform(first, {firsts:Array(UInt64)}, held.4, '') AS mapping,
        transform(first, {firsts:Array(UInt64)}, held.5, 0) AS mapping_version,
        record,
        transform(first, {firsts:Array(UInt64)}, held.6, 0) + record AS line_number,
        0 AS skipped,
        '' AS reason,
        '' AS field,
        '' AS raw,
        object.1 AS object_type,
        object.2 AS object_id,
        object.3 AS object_version,
        sipHash64(object_type, object_id) AS object_hash,
        at AS occurred_at,
        the_source AS source,
        if(empty(hashed.event_id), lower(hex(content)), hashed.event_id) AS event_id,
        toFixedString(substring(content, 1, 16), 16) AS content_hash,
        action,
        the_outcome AS outcome,
        correlation_id,
        ifNull(hashed.trace_id, '') AS trace_id,
        ifNull(hashed.span_id, '') AS span_id,
        idempotency_key,
        toUInt32(the_attempt) AS attempt,
        links.1 AS link_types,
        links.2 AS link_ids,
        links.3 AS link_relations,
        the_link_amounts AS link_amounts,
        emptyArrayString() AS span_links,
        context.1 AS customer,
        context.2 AS contract,
        context.3 AS contract_version,
        context.4 AS project,
        context.5 AS resource,
        context.6 AS legal_entity,
        context.7 AS service_line,
        context.8 AS region,
        ifNull(context.9, '') AS engagement,
        ifNull(context.10, '') AS period,
        context.11 AS actor,
        the_amount AS amount,
        money.2 AS currency,
        ifNull(money.3, '') AS measure,
        the_code AS error_code,
        error.2 AS error_message,
        CAST(sorted_attributes AS Map(String, String)) AS attributes
    FROM hashed
)
SELECT
{{staged_columns}}
FROM admitted
{{bench_settings}}
