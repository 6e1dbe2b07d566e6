-- A second bench: while what is judged on one is written, the next group is judged on the other.
-- Engine: Memory, as the first one (0001_collector.sql): emptied at each commit and worthless after a restart.
CREATE TABLE IF NOT EXISTS staged_other {{on_cluster}} AS staged
ENGINE = Memory
;
CREATE TABLE IF NOT EXISTS fresh_other {{on_cluster}} AS fresh
ENGINE = Memory
;
-- Bench: OTLP logs with what is known of their delivery, values left as the bytes of an AnyValue: what nearly every
-- record needs, at a third of the cost of decoding each kind of value (collector/sql/otlp_lean.proto).
CREATE TABLE IF NOT EXISTS landing_lean_logs {{on_cluster}} (
    deliveries Array(Tuple(
        seq UInt32, delivery String, received_at Int64, source String, mapping String, mapping_version UInt32,
        allowed_sources Array(String),
        request Tuple(resource_logs Array(Tuple(
            resource Tuple(attributes Array(Tuple(key String, value String))),
            scope_logs Array(Tuple(log_records Array(Tuple(
                time_unix_nano UInt64, severity_number Int32, attributes Array(Tuple(key String, value String)),
                trace_id String, span_id String, observed_time_unix_nano UInt64))))
        )))
    ))
)
ENGINE = Memory
;
-- Bench: the same for traces.
CREATE TABLE IF NOT EXISTS landing_lean_spans {{on_cluster}} (
    deliveries Array(Tuple(
        seq UInt32, delivery String, received_at Int64, source String, mapping String, mapping_version UInt32,
        allowed_sources Array(String),
        request Tuple(resource_spans Array(Tuple(
            resource Tuple(attributes Array(Tuple(key String, value String))),
            scope_spans Array(Tuple(spans Array(Tuple(
                trace_id String, span_id String, end_time_unix_nano UInt64,
                attributes Array(Tuple(key String, value String)),
                links Array(Tuple(trace_id String, span_id String)), status Tuple(code Int32)))))
        )))
    ))
)
ENGINE = Memory
