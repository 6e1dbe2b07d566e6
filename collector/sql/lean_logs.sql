-- Every record of the landed requests with its place in the request, what is known of its delivery, and its attributes
-- with values as they came.
SELECT
    held,
    before + record_place AS record,
    resource_attributes,
    entry.attributes AS own_attributes,
    if(entry.time_unix_nano = 0, entry.observed_time_unix_nano, entry.time_unix_nano) AS nanoseconds,
    entry.trace_id AS trace,
    entry.span_id AS span,
    entry.severity_number >= 17 AS failed,
    emptyArrayString() AS span_links
FROM (
    SELECT
        held,
        resource_attributes,
        before + scope_before AS before,
        scope.log_records AS entries
    FROM (
        SELECT
            held,
            before,
            resource.resource.attributes AS resource_attributes,
            resource.scope_logs AS scopes,
            arrayMap(scope -> length(scope.log_records), scopes) AS counts,
            arrayMap((upto, own) -> upto - own, arrayCumSum(counts), counts) AS scopes_before
        FROM (
            SELECT
                (one.seq, one.delivery, one.received_at, one.source, one.mapping, one.mapping_version, one.allowed_sources) AS held,
                one.request.resource_logs AS resources,
                arrayMap(part -> arraySum(scope -> length(scope.log_records), part.scope_logs), resources) AS counts,
                arrayMap((upto, own) -> upto - own, arrayCumSum(counts), counts) AS resources_before
            FROM landing_lean_logs
            ARRAY JOIN deliveries AS one
        )
        ARRAY JOIN resources AS resource, resources_before AS before
    )
    ARRAY JOIN scopes AS scope, scopes_before AS scope_before
)
ARRAY JOIN entries AS entry, arrayEnumerate(entries) AS record_place
