-- Events that an unclosed commit did store: what is derived from them may be missing, so it is written again.
INSERT INTO event_ids (day, identity, content_hash, object_hash, batch)
SELECT toDate(occurred_at, 'UTC'), sipHash64(source, event_id), content_hash, object_hash, {batch:UInt64}
FROM {staged:Identifier} AS staged
WHERE (seq, record) IN (SELECT seq, record FROM {repeated:Identifier} WHERE here_already)
{{wide_settings}}
;
INSERT INTO event_arrivals (batch, object_hash, object_type, object_id, correlation_id, idempotency_key, admitted_at)
SELECT {batch:UInt64}, object_hash, object_type, object_id, correlation_id, idempotency_key, {admitted_at:DateTime64(6, 'UTC')}
FROM {staged:Identifier} AS staged
WHERE (seq, record) IN (SELECT seq, record FROM {repeated:Identifier} WHERE here_already)
{{wide_settings}}
;
INSERT INTO correlations (correlation_hash, correlation_id, object_hash, object_type, object_id)
SELECT DISTINCT sipHash64(correlation_id), correlation_id, object_hash, object_type, object_id
FROM {staged:Identifier} AS staged
WHERE correlation_id != '' AND (seq, record) IN (SELECT seq, record FROM {repeated:Identifier} WHERE here_already)
{{wide_settings}}
;
INSERT INTO event_spans (trace_id, span_id, linked, object_hash, object_type, object_id, batch)
SELECT span.1, span.2, span.3, object_hash, object_type, object_id, {batch:UInt64}
FROM (
    SELECT
        arrayJoin(arrayConcat(
            if(staged.trace_id != '', [(staged.trace_id, staged.span_id, 0)], []),
            arrayMap(link -> (splitByChar('-', link)[1], splitByChar('-', link)[2], 1), span_links)
        )) AS span,
        object_hash,
        object_type,
        object_id
    FROM {staged:Identifier} AS staged
    WHERE (staged.trace_id != '' OR notEmpty(span_links))
        AND (seq, record) IN (SELECT seq, record FROM {repeated:Identifier} WHERE here_already)
)
{{wide_settings}}
