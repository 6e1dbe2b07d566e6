-- What a key may be, each way by an index of its own. An id without its type is tried with every type there is.
SELECT found_as, object_hash, object
FROM (
    SELECT 'object' AS found_as, object_hash, concat(object_type, '/', object_id) AS object
    FROM objects
    WHERE object_hash IN (
        SELECT sipHash64(object_type, {key:String}) FROM object_types
        UNION ALL
        SELECT sipHash64(splitByChar('/', {key:String})[1], substring({key:String}, position({key:String}, '/') + 1))
    )
    UNION ALL
    SELECT 'correlation_id', object_hash, concat(object_type, '/', object_id)
    FROM correlations
    WHERE correlation_hash = sipHash64({key:String}) AND correlation_id = {key:String}
    UNION ALL
    SELECT 'trace_id', object_hash, concat(object_type, '/', object_id)
    FROM event_spans
    WHERE trace_id = lower({key:String}) AND linked = 0
    UNION ALL
    SELECT 'idempotency_key', object_hash, concat(object_type, '/', object_id)
    FROM idempotency_uses
    WHERE key_hash = sipHash64({key:String}) AND idempotency_key = {key:String}
) AS told
GROUP BY found_as, object_hash, object
