-- Every span record of the landed requests with its place in the request, its own and its resource's attributes, and
-- what is derived from its own fields.
SELECT
    seq,
    before + record_place AS record,
    resource_attributes,
    entry.attributes AS own_attributes,
    entry.end_time_unix_nano AS nanoseconds,
    lower(hex(entry.trace_id)) AS trace_id,
    lower(hex(entry.span_id)) AS span_id,
    entry.status.code = 2 AS failed,
    if(empty(entry.status.message), '', toJSONString(entry.status.message)) AS message,
    arrayMap(link -> concat(lower(hex(link.trace_id)), '-', lower(hex(link.span_id))), entry.links) AS span_links
FROM (
    SELECT
        seq,
        resource_attributes,
        before + scope_before AS before,
        scope.spans AS entries
    FROM (
        SELECT
            seq,
            before,
            resource.resource.attributes AS resource_attributes,
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
