-- Every log record of the landed requests with its place in the request, its own and its resource's attributes, and
-- what is derived from its own fields.
SELECT
    seq,
    before + record_place AS record,
    resource_attributes,
    entry.attributes AS own_attributes,
    if(entry.time_unix_nano = 0, entry.observed_time_unix_nano, entry.time_unix_nano) AS nanoseconds,
    lower(hex(entry.trace_id)) AS trace_id,
    lower(hex(entry.span_id)) AS span_id,
    entry.severity_number >= 17 AS failed,
    if(empty(ifNull(entry.body.string_value, '')), '', toJSONString(assumeNotNull(entry.body.string_value))) AS message,
    emptyArrayString() AS span_links
FROM (
    SELECT
        seq,
        resource_attributes,
        before + scope_before AS before,
        scope.log_records AS entries
    FROM (
        SELECT
            seq,
            before,
            resource.resource.attributes AS resource_attributes,
            resource.scope_logs AS scopes,
            arrayMap(scope -> length(scope.log_records), scopes) AS counts,
            arrayMap((upto, own) -> upto - own, arrayCumSum(counts), counts) AS scopes_before
        FROM (
            SELECT
                delivery.seq AS seq,
                delivery.request.resource_logs AS resources,
                arrayMap(one -> arraySum(scope -> length(scope.log_records), one.scope_logs), resources) AS counts,
                arrayMap((upto, own) -> upto - own, arrayCumSum(counts), counts) AS resources_before
            FROM landing_logs
            ARRAY JOIN deliveries AS delivery
        )
        ARRAY JOIN resources AS resource, resources_before AS before
    )
    ARRAY JOIN scopes AS scope, scopes_before AS scope_before
)
ARRAY JOIN entries AS entry, arrayEnumerate(entries) AS record_place
