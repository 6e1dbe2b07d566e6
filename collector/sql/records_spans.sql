-- Every span record of the landed requests with its place in the request, its own and its resource's attributes as JSON
-- texts, and what is derived from its own fields.
SELECT
    seq,
    before + record_place AS record,
    resource_pairs,
    arrayMap(pair -> (pair.key, multiIf(
                isNotNull(pair.value.string_value), toJSONString(assumeNotNull(pair.value.string_value)),
                isNotNull(pair.value.bool_value), toString(assumeNotNull(pair.value.bool_value)),
                isNotNull(pair.value.int_value), toString(assumeNotNull(pair.value.int_value)),
                isNotNull(pair.value.double_value) OR isNotNull(pair.value.array_value)
                    OR isNotNull(pair.value.kvlist_value) OR isNotNull(pair.value.bytes_value), '[]',
                'null')), entry.attributes) AS own_pairs,
    entry.end_time_unix_nano AS nanoseconds,
    lower(hex(entry.trace_id)) AS trace_id,
    lower(hex(entry.span_id)) AS span_id,
    entry.status.code = 2 AS failed,
    if(empty(entry.status.message), '', toJSONString(entry.status.message)) AS message,
    arrayMap(link -> concat(lower(hex(link.trace_id)), '-', lower(hex(link.span_id))), entry.links) AS span_links
FROM (
    SELECT
        seq,
        resource_pairs,
        before + scope_before AS before,
        scope.spans AS entries
    FROM (
        SELECT
            seq,
            before,
            arrayMap(pair -> (pair.key, multiIf(
                isNotNull(pair.value.string_value), toJSONString(assumeNotNull(pair.value.string_value)),
                isNotNull(pair.value.bool_value), toString(assumeNotNull(pair.value.bool_value)),
                isNotNull(pair.value.int_value), toString(assumeNotNull(pair.value.int_value)),
                isNotNull(pair.value.double_value) OR isNotNull(pair.value.array_value)
                    OR isNotNull(pair.value.kvlist_value) OR isNotNull(pair.value.bytes_value), '[]',
                'null')), resource.resource.attributes) AS resource_pairs,
            resource.scope_spans AS scopes,
            arrayMap(scope -> length(scope.spans), scopes) AS counts,
            arrayMap((upto, own) -> upto - own, arrayCumSum(counts), counts) AS scopes_before
        FROM (
            SELECT
                delivery.seq AS seq,
                delivery.request.resource_spans AS resources,
                arrayMap(one -> arraySum(scope -> length(scope.spans), one.scope_spans), resources) AS counts,
                arrayMap((upto, own) -> upto - own, arrayCumSum(counts), counts) AS resources_before
            FROM landing_spans
            ARRAY JOIN deliveries AS delivery
        )
        ARRAY JOIN resources AS resource, resources_before AS before
    )
    ARRAY JOIN scopes AS scope, scopes_before AS scope_before
)
ARRAY JOIN entries AS entry, arrayEnumerate(entries) AS record_place
