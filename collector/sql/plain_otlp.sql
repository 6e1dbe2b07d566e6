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
            length(value) BETWEEN 131 AND 4200
                AND toUInt32(reinterpretAsUInt8(substring(value, 2, 1))) - 128 + 128 * toUInt32(reinterpretAsUInt8(substring(value, 3, 1))) = length(value) - 3,
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
        arrayMap(name -> indexOf(names, name), [
            'revtrace.event_id', 'revtrace.source', 'revtrace.object.type', 'revtrace.object.id',
            'revtrace.object.version', 'revtrace.action', 'revtrace.outcome', 'revtrace.correlation_id',
            'revtrace.idempotency_key', 'revtrace.attempt', 'revtrace.context.customer', 'revtrace.context.contract',
            'revtrace.context.contract_version', 'revtrace.context.project', 'revtrace.context.resource',
            'revtrace.context.legal_entity', 'revtrace.context.service_line', 'revtrace.context.region',
            'revtrace.context.engagement', 'revtrace.context.period', 'revtrace.context.actor', 'revtrace.money.amount',
            'revtrace.money.currency', 'revtrace.money.measure']) AS places,
        arrayFilter((text, name) -> startsWith(name, 'revtrace.attributes.'), texts, names) AS attribute_texts,
        arrayMap(name -> substring(name, 21), arrayFilter(name -> startsWith(name, 'revtrace.attributes.'), names)) AS attribute_names,
        arrayMap(place -> texts[place], places) AS f,
        mine.2[places[10]] AS attempt_value
    FROM named
),
plain AS (
    SELECT
        *,
        if(places[2] = 0, service_name, f[2]) AS the_source,
        if(places[7] = 0, 'ok', f[7]) AS the_outcome,
        if(places[10] = 0, 1, reinterpretAsUInt8(substring(attempt_value, 2, 1))) AS the_attempt,
        fromUnixTimestamp64Micro(toInt64(least(intDiv(nanoseconds, 1000), 10413791999999999)), 'UTC') AS at,
        if(skipped, NULL, toDecimal64OrNull(f[22], 4)) AS the_amount,
        arraySort(arrayZip(attribute_names, attribute_texts)) AS sorted_attributes
    FROM placed
    WHERE skipped OR (
        countEqual(places, 0) + length(names) = 24 + length(attribute_names)
        AND isValidUTF8(arrayStringConcat(arrayConcat(arraySlice(f, 1, 9), arraySlice(f, 11), [service_name], attribute_texts, attribute_names), '\0'))
        AND NOT failed
        AND nanoseconds != 0 AND intDiv(nanoseconds, 1000) <= held.3 + 86400000000
        AND NOT arrayExists(name -> startsWith(name, 'revtrace.'), resource_names)
        AND length(the_source) BETWEEN 1 AND 200
        AND length(f[1]) <= 200
        AND match(f[3], '^[a-z][a-z0-9_]{0,99}$')
        AND length(f[4]) BETWEEN 1 AND 256 AND position(f[4], '\0') = 0
        AND length(f[5]) <= 200
        AND match(f[6], '^[a-z][a-z0-9_]{0,99}$')
        AND the_outcome IN ('ok', 'skipped')
        AND length(f[8]) <= 200
        AND length(f[9]) <= 1000
        AND (places[10] = 0 OR (startsWith(attempt_value, '\x18') AND length(attempt_value) = 2 AND the_attempt BETWEEN 1 AND 127))
        AND length(trace) IN (0, 16) AND length(span) IN (0, 8)
        AND arrayMax(arrayMap(text -> length(text), arraySlice(f, 11))) <= 1000
        AND (places[19] = 0 OR match(f[19], '^[a-z][a-z0-9_]{0,99}$'))
        AND (places[20] = 0 OR match(f[20], '^[0-9]{4}-[0-9]{2}$'))
        AND (places[22] = 0) = (places[23] = 0)
        AND (places[22] = 0 OR (match(f[22], '^-?[0-9]{1,14}([.][0-9]{1,4})?$') AND has({currencies:Array(String)}, f[23])))
        AND (places[24] = 0 OR (places[22] != 0 AND has({measures:Array(String)}, f[24])))
        AND (empty(attribute_names) OR (
            length(attribute_names) <= 64 AND length(arrayDistinct(attribute_names)) = length(attribute_names)
            AND arrayMax(arrayMap(text -> length(text), attribute_texts)) <= 4096
            AND arrayMax(arrayMap(name -> length(name), attribute_names)) <= 200))
    )
),
laid_out AS (
    SELECT
        *,
        lower(hex(trace)) AS trace_text,
        lower(hex(span)) AS span_text,
        if(isNull(the_amount), '', toString(reinterpretAsInt64(assumeNotNull(the_amount)))) AS amount_text,
        arrayFlatten(arrayMap(pair -> [pair.1, pair.2], sorted_attributes)) AS attribute_parts,
        [
            toString(toUnixTimestamp64Micro(at)), the_source, f[3], f[4], f[5], f[6], the_outcome, f[8], trace_text,
            span_text, f[9], toString(the_attempt), '', f[11], f[12], f[13], f[14], f[15], f[16], f[17], f[18], f[19], f[20],
            f[21], amount_text, f[23], f[24], '', '',
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
        f[3] AS object_type,
        f[4] AS object_id,
        f[5] AS object_version,
        sipHash64(object_type, object_id) AS object_hash,
        at AS occurred_at,
        the_source AS source,
        if(empty(f[1]), lower(hex(content)), f[1]) AS event_id,
        toFixedString(substring(content, 1, 16), 16) AS content_hash,
        f[6] AS action,
        the_outcome AS outcome,
        f[8] AS correlation_id,
        trace_text AS trace_id,
        span_text AS span_id,
        f[9] AS idempotency_key,
        toUInt32(the_attempt) AS attempt,
        emptyArrayString() AS link_types,
        emptyArrayString() AS link_ids,
        emptyArrayString() AS link_relations,
        CAST([] AS Array(Nullable(Decimal(18, 4)))) AS link_amounts,
        span_links,
        f[11] AS customer,
        f[12] AS contract,
        f[13] AS contract_version,
        f[14] AS project,
        f[15] AS resource,
        f[16] AS legal_entity,
        f[17] AS service_line,
        f[18] AS region,
        f[19] AS engagement,
        f[20] AS period,
        f[21] AS actor,
        the_amount AS amount,
        f[23] AS currency,
        f[24] AS measure,
        '' AS error_code,
        '' AS error_message,
        CAST(sorted_attributes AS Map(LowCardinality(String), String)) AS attributes
    FROM hashed
)
