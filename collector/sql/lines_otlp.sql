-- Event lines of OTLP records; takes `records`, gives `written_lines`. The rules are those of collector/otlp.py, which a
-- property test holds to be alike: own attributes before the resource's, both before what is derived.
-- Attributes as JSON texts: floats, lists, maps and bytes are no field of an event and stand as an empty list.
texted AS (
    SELECT
        * EXCEPT (own_attributes, resource_attributes),
        arrayMap(pair -> (pair.key, multiIf(
            isNotNull(pair.value.string_value), toJSONString(assumeNotNull(pair.value.string_value)),
            isNotNull(pair.value.bool_value), toString(assumeNotNull(pair.value.bool_value)),
            isNotNull(pair.value.int_value), toString(assumeNotNull(pair.value.int_value)),
            isNotNull(pair.value.double_value) OR isNotNull(pair.value.array_value)
                OR isNotNull(pair.value.kvlist_value) OR isNotNull(pair.value.bytes_value), '[]',
            'null')), own_attributes) AS own_pairs,
        arrayMap(pair -> (pair.key, multiIf(
            isNotNull(pair.value.string_value), toJSONString(assumeNotNull(pair.value.string_value)),
            isNotNull(pair.value.bool_value), toString(assumeNotNull(pair.value.bool_value)),
            isNotNull(pair.value.int_value), toString(assumeNotNull(pair.value.int_value)),
            isNotNull(pair.value.double_value) OR isNotNull(pair.value.array_value)
                OR isNotNull(pair.value.kvlist_value) OR isNotNull(pair.value.bytes_value), '[]',
            'null')), resource_attributes) AS resource_pairs
    FROM records
),
named AS (
    SELECT
        *,
        own_pairs.1 AS own_names,
        own_pairs.2 AS own_texts,
        resource_pairs.1 AS resource_names,
        resource_pairs.2 AS resource_texts,
        NOT arrayExists(name -> startsWith(name, 'revtrace.object.'), own_names) AS skipped
    FROM texted
),
told AS (
    SELECT
        *,
        if(has(own_names, 'revtrace.outcome'), own_texts[indexOf(own_names, 'revtrace.outcome')],
            if(has(resource_names, 'revtrace.outcome'), resource_texts[indexOf(resource_names, 'revtrace.outcome')], 'null')) AS told_outcome,
        if(told_outcome = 'null' AND failed, '"failed"', told_outcome) AS outcome,
        if(outcome IN ('"failed"', '"retrying"'),
            arrayFirst(text -> text != '', arrayMap(
                name -> if(has(own_names, name), own_texts[indexOf(own_names, name)], resource_texts[indexOf(resource_names, name)]),
                ['error.type', 'exception.type'])), '') AS error_code,
        if(outcome IN ('"failed"', '"retrying"'),
            if(has(own_names, 'exception.message'), own_texts[indexOf(own_names, 'exception.message')],
                if(has(resource_names, 'exception.message'), resource_texts[indexOf(resource_names, 'exception.message')], message)), '') AS error_message,
        arrayFilter(pair -> startsWith(pair.1, 'revtrace.'), own_pairs) AS mine,
        arrayConcat(mine, arrayFilter(pair -> startsWith(pair.1, 'revtrace.') AND NOT has(mine.1, pair.1), resource_pairs)) AS said
    FROM named
),
paired AS (
    SELECT
        *,
        arrayMap(pair -> substring(pair.1, 10), said) AS said_names,
        arrayFilter((name, text) -> text != 'null', said_names, said.2) AS meant_names,
        arrayFilter(pair -> pair.2 != '' AND NOT has(meant_names, pair.1), [
            ('occurred_at', if(nanoseconds = 0, '', concat('"', replaceOne(toString(fromUnixTimestamp64Micro(
                toInt64(least(intDiv(nanoseconds, 1000), 10413791999999999)), 'UTC')), ' ', 'T'), 'Z"'))),
            ('source', resource_texts[indexOf(resource_names, 'service.name')]),
            ('trace_id', if(empty(trace_id), '', concat('"', trace_id, '"'))),
            ('span_id', if(empty(span_id), '', concat('"', span_id, '"'))),
            ('outcome', if(told_outcome = 'null' AND failed, '"failed"', '')),
            ('error.code', if(startsWith(error_code, '"'), toJSONString(substringUTF8(JSONExtractString(error_code), 1, 1000)), '')),
            ('error.message', if(startsWith(error_message, '"'), toJSONString(substringUTF8(JSONExtractString(error_message), 1, 65536)), ''))
        ]) AS derived,
        arrayConcat(said_names, derived.1) AS names,
        arrayConcat(said.2, derived.2) AS texts
    FROM told
),
grouped AS (
    SELECT
        *,
        arrayMap(name -> if(position(name, '.') > 0 AND has(['object', 'context', 'money', 'error', 'attributes'], splitByChar('.', name)[1]),
            splitByChar('.', name)[1], ''), names) AS groups,
        arrayMap((name, part) -> toJSONString(if(part = '', name, substring(name, length(part) + 2))), names, groups) AS keys,
        arrayMap((name, text) -> if(name = 'links' AND startsWith(text, '"') AND isValidJSON(JSONExtractString(text)), JSONExtractString(text), text), names, texts) AS values
    FROM paired
),
written_lines AS (
    SELECT
        seq,
        record,
        if(skipped, '', concat('{', arrayStringConcat(arrayConcat(
            arrayFilter((pair, part) -> part = '', arrayMap((key, value) -> concat(key, ':', value), keys, values) AS pairs, groups),
            arrayMap(part -> concat('"', part, '":{', arrayStringConcat(arrayFilter((pair, own) -> own = part, pairs, groups), ','), '}'),
                arrayFilter(part -> has(groups, part), ['object', 'context', 'money', 'error', 'attributes']))
        ), ','), '}')) AS line,
        span_links,
        skipped
    FROM grouped
)
