-- What the collector writes: the bytes as they came, the events made of them, and what could not be made.
--
-- `deliveries` is the commit point and the only table that cannot be derived from another: it alone is
-- synced to disk on each insert. Everything else can be made again from it.
-- Order of a commit: deliveries, then events (its views fill event_ids, event_arrivals, event_spans and
-- correlations), then quarantine, then delivery_closings, last batches. A delivery without a closing
-- row is made again at start; a batch without a row in `batches` is not seen by lineage.

-- Engine: plain MergeTree, append-only. Order: the id begins with its time, so one lookup by id or a range
-- of time is a short read. Partition: a month, the unit in which old bytes are moved or dropped.
-- Codecs: bodies are text full of repetition, ZSTD(3) makes them ten to twenty times smaller; the sha256 has no pattern.
-- Small marks: a body may be megabytes, and reading one must not read its neighbours.
CREATE TABLE IF NOT EXISTS deliveries {{on_cluster}} (
    delivery String CODEC(ZSTD(1)),
    batch UInt64 CODEC(Delta, ZSTD(1)),
    received_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    source LowCardinality(String) CODEC(ZSTD(1)),
    protocol LowCardinality(String) CODEC(ZSTD(1)),
    content_type LowCardinality(String) CODEC(ZSTD(1)),
    content_encoding LowCardinality(String) CODEC(ZSTD(1)),
    mapping LowCardinality(String) CODEC(ZSTD(1)),
    mapping_version UInt32 CODEC(ZSTD(1)),
    file String CODEC(ZSTD(1)),
    file_sha256 String CODEC(ZSTD(1)),
    file_line UInt64 CODEC(ZSTD(1)),
    sha256 FixedString(32) CODEC(NONE),
    bytes UInt64 CODEC(ZSTD(1)),
    body String CODEC(ZSTD(3)),
    -- Ids and batches grow together, so that the newest commits are found without a scan at start.
    INDEX batch_range batch TYPE minmax GRANULARITY 1
)
ENGINE = {{engine:MergeTree}}
PARTITION BY toYYYYMM(received_at)
ORDER BY delivery
SETTINGS index_granularity = 256, fsync_after_insert = 1, fsync_part_directory = 1
;
-- Engine: ReplacingMergeTree, since recovery may close a delivery twice with the same counts.
-- Order: as deliveries, so both are joined along one key. Partition: none; a row is small and never dropped.
-- Codecs: small counts that repeat, ZSTD(1).
CREATE TABLE IF NOT EXISTS delivery_closings {{on_cluster}} (
    delivery String CODEC(ZSTD(1)),
    batch UInt64 CODEC(Delta, ZSTD(1)),
    closed_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    received UInt64 CODEC(ZSTD(1)),
    stored UInt64 CODEC(ZSTD(1)),
    duplicates UInt64 CODEC(ZSTD(1)),
    quarantined UInt64 CODEC(ZSTD(1)),
    skipped UInt64 CODEC(ZSTD(1)),
    totals Map(LowCardinality(String), Decimal(38, 4)) CODEC(ZSTD(1))
)
ENGINE = {{engine:ReplacingMergeTree(batch)}}
ORDER BY delivery
;
-- Engine: plain MergeTree; events are append-only and duplicates are kept out before they are written.
-- Order: the hash of the object first, since the refresh looks up the events of scattered objects, and by
-- a 64-bit key that is fifteen times faster than by the strings. Small marks for the same reason: a
-- lookup of one object reads 1,024 rows, not 8,192. Partition: a year, few enough for any history.
-- Codecs: Delta where neighbours are close (hashes and times are sorted), T64 for small ranges, NONE for the
-- content hash that no codec makes smaller, ZSTD(1) for text that repeats within an object.
CREATE TABLE IF NOT EXISTS events {{on_cluster}} (
    object_hash UInt64 CODEC(Delta, ZSTD(1)),
    object_type LowCardinality(String) CODEC(ZSTD(1)),
    object_id String CODEC(ZSTD(1)),
    object_version String CODEC(ZSTD(1)),
    occurred_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    received_at DateTime64(6, 'UTC') CODEC(T64, ZSTD(1)),
    admitted_at DateTime64(6, 'UTC') CODEC(T64, ZSTD(1)),
    batch UInt64 CODEC(T64, ZSTD(1)),
    source LowCardinality(String) CODEC(ZSTD(1)),
    event_id String CODEC(ZSTD(1)),
    content_hash FixedString(16) CODEC(NONE),
    delivery String CODEC(ZSTD(1)),
    mapping LowCardinality(String) CODEC(ZSTD(1)),
    mapping_version UInt32 CODEC(T64, ZSTD(1)),
    action LowCardinality(String) CODEC(ZSTD(1)),
    outcome LowCardinality(String) CODEC(ZSTD(1)),
    correlation_id String CODEC(ZSTD(1)),
    trace_id String CODEC(ZSTD(1)),
    span_id String CODEC(ZSTD(1)),
    idempotency_key String CODEC(ZSTD(1)),
    attempt UInt32 CODEC(T64, ZSTD(1)),
    link_types Array(LowCardinality(String)) CODEC(ZSTD(1)),
    link_ids Array(String) CODEC(ZSTD(1)),
    link_relations Array(LowCardinality(String)) CODEC(ZSTD(1)),
    link_amounts Array(Nullable(Decimal(18, 4))) CODEC(ZSTD(1)),
    -- Links of an OpenTelemetry span to other spans, each 'trace id-span id'; event_spans finds their objects.
    span_links Array(String) CODEC(ZSTD(1)),
    customer String CODEC(ZSTD(1)),
    contract String CODEC(ZSTD(1)),
    contract_version String CODEC(ZSTD(1)),
    project String CODEC(ZSTD(1)),
    resource String CODEC(ZSTD(1)),
    legal_entity LowCardinality(String) CODEC(ZSTD(1)),
    service_line LowCardinality(String) CODEC(ZSTD(1)),
    region LowCardinality(String) CODEC(ZSTD(1)),
    engagement LowCardinality(String) CODEC(ZSTD(1)),
    period LowCardinality(String) CODEC(ZSTD(1)),
    actor String CODEC(ZSTD(1)),
    amount Nullable(Decimal(18, 4)) CODEC(ZSTD(1)),
    currency LowCardinality(String) CODEC(ZSTD(1)),
    measure LowCardinality(String) CODEC(ZSTD(1)),
    error_code String CODEC(ZSTD(1)),
    error_message String CODEC(ZSTD(1)),
    attributes Map(LowCardinality(String), String) CODEC(ZSTD(1))
)
ENGINE = {{engine:MergeTree}}
PARTITION BY toYear(occurred_at)
ORDER BY (object_hash, occurred_at, source, event_id)
SETTINGS index_granularity = 1024
;
-- Who is here already: a row an event, so that a duplicate is found without reading events.
-- Engine: plain MergeTree, append-only. Order: the event's own day first, since a duplicate has the same content
-- and so the same day, and the cost stays that of one day whatever the history; then the identity.
-- Partition: a month. Codecs: the day repeats, the sorted hash gains from Delta, the content hash from nothing.
CREATE TABLE IF NOT EXISTS event_ids {{on_cluster}} (
    day Date CODEC(Delta, ZSTD(1)),
    identity UInt64 CODEC(Delta, ZSTD(1)),
    content_hash FixedString(16) CODEC(NONE),
    object_hash UInt64 CODEC(NONE),
    batch UInt64 CODEC(T64, ZSTD(1))
)
ENGINE = {{engine:MergeTree}}
PARTITION BY toYYYYMM(day)
ORDER BY (day, identity)
SETTINGS index_granularity = 1024
;
CREATE MATERIALIZED VIEW IF NOT EXISTS events_to_event_ids {{on_cluster}} TO event_ids AS
SELECT
    toDate(occurred_at, 'UTC') AS day,
    sipHash64(source, event_id) AS identity,
    content_hash,
    object_hash,
    batch
FROM events
;
-- What is new, in the order of commits: the refresh wheel takes its work from here and never scans events.
-- Engine: plain MergeTree. Order: the batch, since the wheel reads ranges of batches. Partition: none, the wheel
-- reads the newest end only. Codecs: the batch repeats; ids repeat within a batch.
CREATE TABLE IF NOT EXISTS event_arrivals {{on_cluster}} (
    batch UInt64 CODEC(Delta, ZSTD(1)),
    object_hash UInt64 CODEC(Delta, ZSTD(1)),
    object_type LowCardinality(String) CODEC(ZSTD(1)),
    object_id String CODEC(ZSTD(1)),
    correlation_id String CODEC(ZSTD(1)),
    idempotency_key String CODEC(ZSTD(1)),
    admitted_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1))
)
ENGINE = {{engine:MergeTree}}
ORDER BY (batch, object_hash)
;
CREATE MATERIALIZED VIEW IF NOT EXISTS events_to_event_arrivals {{on_cluster}} TO event_arrivals AS
SELECT batch, object_hash, object_type, object_id, correlation_id, idempotency_key, admitted_at
FROM events
;
-- Which objects carry a correlation id. Engine: ReplacingMergeTree, an object says its id in each of its events.
-- Order: the hash of the id, as the lookups are by scattered ids. Partition: none, an id has no time.
-- Codecs: Delta on the sorted hash, ZSTD(1) on text.
CREATE TABLE IF NOT EXISTS correlations {{on_cluster}} (
    correlation_hash UInt64 CODEC(Delta, ZSTD(1)),
    correlation_id String CODEC(ZSTD(1)),
    object_hash UInt64 CODEC(NONE),
    object_type LowCardinality(String) CODEC(ZSTD(1)),
    object_id String CODEC(ZSTD(1))
)
ENGINE = {{engine:ReplacingMergeTree}}
ORDER BY (correlation_hash, correlation_id, object_hash, object_type, object_id)
SETTINGS index_granularity = 1024
;
CREATE MATERIALIZED VIEW IF NOT EXISTS events_to_correlations {{on_cluster}} TO correlations AS
SELECT DISTINCT sipHash64(correlation_id) AS correlation_hash, correlation_id, object_hash, object_type, object_id
FROM events
WHERE correlation_id != ''
;
-- Which object a span told of (linked = 0) and which objects wait for a span (linked = 1): span links become
-- `from` links once both ends are here, in whichever order they came.
-- Engine: ReplacingMergeTree, the same pair may be told often. Order: trace and span, which also finds by trace id.
-- Partition: none. Codecs: a trace id repeats over its spans, ZSTD(1).
CREATE TABLE IF NOT EXISTS event_spans {{on_cluster}} (
    trace_id String CODEC(ZSTD(1)),
    span_id String CODEC(ZSTD(1)),
    linked UInt8 CODEC(ZSTD(1)),
    object_hash UInt64 CODEC(NONE),
    object_type LowCardinality(String) CODEC(ZSTD(1)),
    object_id String CODEC(ZSTD(1)),
    batch UInt64 CODEC(T64, ZSTD(1))
)
ENGINE = {{engine:ReplacingMergeTree(batch)}}
ORDER BY (trace_id, span_id, linked, object_hash, object_type, object_id)
SETTINGS index_granularity = 1024
;
CREATE MATERIALIZED VIEW IF NOT EXISTS events_to_event_spans {{on_cluster}} TO event_spans AS
SELECT
    span.1 AS trace_id,
    span.2 AS span_id,
    span.3 AS linked,
    object_hash,
    object_type,
    object_id,
    batch
FROM (
    SELECT
        arrayJoin(arrayConcat(
            if(events.trace_id != '', [(events.trace_id, events.span_id, 0)], []),
            arrayMap(link -> (splitByChar('-', link)[1], splitByChar('-', link)[2], 1), span_links)
        )) AS span,
        object_hash,
        object_type,
        object_id,
        batch
    FROM events
    WHERE events.trace_id != '' OR notEmpty(span_links)
)
;
-- What could not be admitted, with its bytes. Engine: ReplacingMergeTree, since recovery may write a record again.
-- Order: delivery and place in it, the record's identity. Partition: a month of receipt, so that resolved ones can go.
-- Codecs: reasons and fields repeat; the bytes are text, ZSTD(3).
CREATE TABLE IF NOT EXISTS quarantine {{on_cluster}} (
    delivery String CODEC(ZSTD(1)),
    record UInt64 CODEC(Delta, ZSTD(1)),
    line UInt64 CODEC(Delta, ZSTD(1)),
    batch UInt64 CODEC(T64, ZSTD(1)),
    received_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    source LowCardinality(String) CODEC(ZSTD(1)),
    mapping LowCardinality(String) CODEC(ZSTD(1)),
    mapping_version UInt32 CODEC(ZSTD(1)),
    reason LowCardinality(String) CODEC(ZSTD(1)),
    field LowCardinality(String) CODEC(ZSTD(1)),
    object_type String CODEC(ZSTD(1)),
    object_id String CODEC(ZSTD(1)),
    amount Nullable(Decimal(18, 4)) CODEC(ZSTD(1)),
    currency String CODEC(ZSTD(1)),
    period String CODEC(ZSTD(1)),
    raw String CODEC(ZSTD(3))
)
ENGINE = {{engine:ReplacingMergeTree(batch)}}
PARTITION BY toYYYYMM(received_at)
ORDER BY (delivery, record)
SETTINGS index_granularity = 256
;
-- Who sends. Engine: ReplacingMergeTree, the newest declaration of a name counts. Order: the name. No partition:
-- there are tens of rows. Codecs: ZSTD(1), it hardly matters.
CREATE TABLE IF NOT EXISTS sources {{on_cluster}} (
    name String CODEC(ZSTD(1)),
    role LowCardinality(String) CODEC(ZSTD(1)),
    system LowCardinality(String) CODEC(ZSTD(1)),
    expected_every_seconds UInt64 CODEC(ZSTD(1)),
    record_of Array(LowCardinality(String)) CODEC(ZSTD(1)),
    declared UInt8 CODEC(ZSTD(1)),
    registered_at DateTime64(6, 'UTC') CODEC(ZSTD(1)),
    version UInt64 CODEC(ZSTD(1))
)
ENGINE = {{engine:ReplacingMergeTree(version)}}
ORDER BY name
;
-- Which commits are whole. Engine: plain MergeTree, a row a commit. Order: the batch. No partition: the rows are
-- tiny. Codecs: Delta on numbers that only grow.
CREATE TABLE IF NOT EXISTS batches {{on_cluster}} (
    batch UInt64 CODEC(Delta, ZSTD(1)),
    admitted_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    rows UInt64 CODEC(T64, ZSTD(1))
)
ENGINE = {{engine:MergeTree}}
ORDER BY batch
;
-- The text of every mapping that ever made an event, so that any event can be made again from its delivery.
-- Engine: ReplacingMergeTree, the same mapping is registered at each start. Order: its name, version and text.
-- No partition: tens of rows. Codecs: text, ZSTD(3).
CREATE TABLE IF NOT EXISTS mappings {{on_cluster}} (
    mapping LowCardinality(String) CODEC(ZSTD(1)),
    mapping_version UInt32 CODEC(ZSTD(1)),
    sha256 String CODEC(ZSTD(1)),
    format LowCardinality(String) CODEC(ZSTD(1)),
    text String CODEC(ZSTD(3)),
    registered_at DateTime64(6, 'UTC') CODEC(ZSTD(1))
)
ENGINE = {{engine:ReplacingMergeTree(registered_at)}}
ORDER BY (mapping, mapping_version, sha256)
;
-- Which files were imported, with their control totals. Engine: ReplacingMergeTree, an import that was interrupted
-- is registered again when it is repeated. Order: what makes two imports the same. No partition: few rows.
-- Codecs: ZSTD(1), it hardly matters.
CREATE TABLE IF NOT EXISTS files {{on_cluster}} (
    sha256 String CODEC(ZSTD(1)),
    format LowCardinality(String) CODEC(ZSTD(1)),
    source LowCardinality(String) CODEC(ZSTD(1)),
    mapping LowCardinality(String) CODEC(ZSTD(1)),
    mapping_version UInt32 CODEC(ZSTD(1)),
    name String CODEC(ZSTD(1)),
    bytes UInt64 CODEC(ZSTD(1)),
    received UInt64 CODEC(ZSTD(1)),
    stored UInt64 CODEC(ZSTD(1)),
    duplicates UInt64 CODEC(ZSTD(1)),
    quarantined UInt64 CODEC(ZSTD(1)),
    skipped UInt64 CODEC(ZSTD(1)),
    totals Map(LowCardinality(String), Decimal(38, 4)) CODEC(ZSTD(1)),
    imported_at DateTime64(6, 'UTC') CODEC(ZSTD(1))
)
ENGINE = {{engine:ReplacingMergeTree(imported_at)}}
ORDER BY (sha256, format, source, mapping, mapping_version)
;
-- Which process admits, kept fresh while it lives. Engine: ReplacingMergeTree, the last sight of a writer counts; a
-- release is the newest row although it is dated back. Order: the writer. No partition: a row a start. Codecs: ZSTD(1).
CREATE TABLE IF NOT EXISTS writer_leases {{on_cluster}} (
    writer String CODEC(ZSTD(1)), host String CODEC(ZSTD(1)), pid UInt64 CODEC(ZSTD(1)),
    seen_at DateTime64(6, 'UTC') CODEC(ZSTD(1)),
    version UInt64 CODEC(ZSTD(1))
)
ENGINE = {{engine:ReplacingMergeTree(version)}}
ORDER BY writer
;
-- The bench of one commit: what is landed, decoded and judged before it is written for good. Engine: Memory, since all
-- of it is emptied at each commit and worthless after a restart; the deliveries have the bytes. Memory tables have no
-- order, partitions or codecs, and are not replicated: one admitting writer works on one node.
CREATE TABLE IF NOT EXISTS landing {{on_cluster}} (
    seq UInt32, delivery String, batch UInt64, received_at DateTime64(6, 'UTC'), source String,
    protocol LowCardinality(String), content_type String, content_encoding String,
    mapping LowCardinality(String), mapping_version UInt32, file String, file_sha256 String, file_line UInt64,
    sha256 FixedString(32), bytes UInt64, body String, prepared UInt8, lines String, numbers Array(UInt64)
)
ENGINE = Memory
;
-- Bench: the event lines of all protocols, one record a row: here they meet, and are judged by one statement.
CREATE TABLE IF NOT EXISTS landing_lines {{on_cluster}} (
    seq UInt32,
    record UInt64,
    line_number UInt64,
    line String,
    span_links Array(String),
    skipped UInt8
)
ENGINE = Memory
;
-- Bench: rows judged, each with one fault or none.
CREATE TABLE IF NOT EXISTS staged {{on_cluster}} (
    seq UInt32, delivery String, received_at DateTime64(6, 'UTC'), mapping LowCardinality(String),
    mapping_version UInt32, record UInt64, line_number UInt64, skipped UInt8, reason LowCardinality(String),
    field LowCardinality(String), raw String, object_type LowCardinality(String), object_id String,
    object_version String, object_hash UInt64 DEFAULT sipHash64(object_type, object_id),
    occurred_at DateTime64(6, 'UTC'), source LowCardinality(String), event_id String,
    content_hash FixedString(16), action LowCardinality(String), outcome LowCardinality(String),
    correlation_id String, trace_id String, span_id String, idempotency_key String, attempt UInt32,
    link_types Array(LowCardinality(String)), link_ids Array(String),
    link_relations Array(LowCardinality(String)), link_amounts Array(Nullable(Decimal(18, 4))),
    span_links Array(String), customer String, contract String, contract_version String, project String,
    resource String, legal_entity LowCardinality(String), service_line LowCardinality(String),
    region LowCardinality(String), engagement LowCardinality(String), period LowCardinality(String),
    actor String, amount Nullable(Decimal(18, 4)), currency LowCardinality(String),
    measure LowCardinality(String), error_code String, error_message String,
    attributes Map(LowCardinality(String), String)
)
ENGINE = Memory
;
-- Bench: which staged rows are stored by this commit; the other admitted ones are duplicates.
CREATE TABLE IF NOT EXISTS fresh {{on_cluster}} (
    seq UInt32,
    record UInt64,
    here_already UInt8
)
ENGINE = Memory
;
-- Bench: OTLP requests as the engine decodes them from protobuf (collector/sql/otlp.proto names the same fields);
-- a column a request, so that a group of requests is one insert. Nullable tells which kind a value is.
CREATE TABLE IF NOT EXISTS landing_logs {{on_cluster}} (
    deliveries Array(Tuple(seq UInt32, request Tuple(resource_logs Array(Tuple(
        resource Tuple(attributes Array(Tuple(key String, value Tuple(
                string_value Nullable(String), bool_value Nullable(Bool), int_value Nullable(Int64),
                double_value Nullable(Float64), array_value Nullable(String), kvlist_value Nullable(String),
                bytes_value Nullable(String))))),
        scope_logs Array(Tuple(log_records Array(Tuple(
            time_unix_nano UInt64, severity_number Int32,
            body Tuple(string_value Nullable(String)),
            attributes Array(Tuple(key String, value Tuple(
                string_value Nullable(String), bool_value Nullable(Bool), int_value Nullable(Int64),
                double_value Nullable(Float64), array_value Nullable(String), kvlist_value Nullable(String),
                bytes_value Nullable(String)))),
            trace_id String, span_id String, observed_time_unix_nano UInt64))))
    )))))
)
ENGINE = Memory
;
-- Bench: the same for traces.
CREATE TABLE IF NOT EXISTS landing_spans {{on_cluster}} (
    deliveries Array(Tuple(seq UInt32, request Tuple(resource_spans Array(Tuple(
        resource Tuple(attributes Array(Tuple(key String, value Tuple(
                string_value Nullable(String), bool_value Nullable(Bool), int_value Nullable(Int64),
                double_value Nullable(Float64), array_value Nullable(String), kvlist_value Nullable(String),
                bytes_value Nullable(String))))),
        scope_spans Array(Tuple(spans Array(Tuple(
            trace_id String, span_id String, end_time_unix_nano UInt64,
            attributes Array(Tuple(key String, value Tuple(
                string_value Nullable(String), bool_value Nullable(Bool), int_value Nullable(Int64),
                double_value Nullable(Float64), array_value Nullable(String), kvlist_value Nullable(String),
                bytes_value Nullable(String)))),
            links Array(Tuple(trace_id String, span_id String)),
            status Tuple(message String, code Int32)))))
    )))))
)
ENGINE = Memory
