-- What replay and redaction need beside the deliveries: where a delivery comes from, what a mended mapping has made of
-- nothing, and what became of quarantined records.

-- What a delivery is besides its bytes: a replay of another one, or redacted. Written before the delivery itself, so a
-- row may stand here whose delivery never came to be.
-- Engine: ReplacingMergeTree, a row may be written again. Order: the delivery. No partition: few deliveries have one.
-- Codecs: text, ZSTD(1); a sha256 has no pattern.
CREATE TABLE IF NOT EXISTS delivery_origins {{on_cluster}} (
    delivery String CODEC(ZSTD(1)),
    replays String CODEC(ZSTD(1)),
    original_sha256 String CODEC(ZSTD(1))
)
ENGINE = {{engine:ReplacingMergeTree}}
ORDER BY delivery
;
-- Events that a later version of their mapping has made otherwise, or not at all: taken out of `events`, and kept here.
-- Engine: ReplacingMergeTree, since recovery may move an event again. Order: its delivery, by which it is counted.
-- Partition: none, mappings are mended seldom. Codecs: as in events, without its care for size.
CREATE TABLE IF NOT EXISTS superseded_events {{on_cluster}} (
    delivery String CODEC(ZSTD(1)),
    source LowCardinality(String) CODEC(ZSTD(1)),
    event_id String CODEC(ZSTD(1)),
    content_hash FixedString(16) CODEC(NONE),
    object_hash UInt64 CODEC(NONE),
    object_type LowCardinality(String) CODEC(ZSTD(1)),
    object_id String CODEC(ZSTD(1)),
    occurred_at DateTime64(6, 'UTC') CODEC(ZSTD(1)),
    received_at DateTime64(6, 'UTC') CODEC(ZSTD(1)),
    mapping LowCardinality(String) CODEC(ZSTD(1)),
    mapping_version UInt32 CODEC(ZSTD(1)),
    action LowCardinality(String) CODEC(ZSTD(1)),
    outcome LowCardinality(String) CODEC(ZSTD(1)),
    correlation_id String CODEC(ZSTD(1)),
    trace_id String CODEC(ZSTD(1)),
    span_id String CODEC(ZSTD(1)),
    idempotency_key String CODEC(ZSTD(1)),
    link_types Array(LowCardinality(String)) CODEC(ZSTD(1)),
    link_ids Array(String) CODEC(ZSTD(1)),
    link_relations Array(LowCardinality(String)) CODEC(ZSTD(1)),
    amount Nullable(Decimal(18, 4)) CODEC(ZSTD(1)),
    currency LowCardinality(String) CODEC(ZSTD(1)),
    measure LowCardinality(String) CODEC(ZSTD(1)),
    by_delivery String CODEC(ZSTD(1)),
    by_version UInt32 CODEC(ZSTD(1)),
    batch UInt64 CODEC(ZSTD(1)),
    superseded_at DateTime64(6, 'UTC') CODEC(ZSTD(1))
)
ENGINE = {{engine:ReplacingMergeTree(batch)}}
ORDER BY (delivery, source, event_id, content_hash)
;
-- What became of quarantined records: `admitted` by a replay, or `replaced` by what the replay has quarantined again.
-- Engine: ReplacingMergeTree, the last word counts. Order: as quarantine. No partition. Codecs: text, ZSTD(1).
CREATE TABLE IF NOT EXISTS quarantine_resolutions {{on_cluster}} (
    delivery String CODEC(ZSTD(1)),
    record UInt64 CODEC(Delta, ZSTD(1)),
    state LowCardinality(String) CODEC(ZSTD(1)),
    replay String CODEC(ZSTD(1)),
    mapping LowCardinality(String) CODEC(ZSTD(1)),
    mapping_version UInt32 CODEC(ZSTD(1)),
    resolved_by String CODEC(ZSTD(1)),
    resolved_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1))
)
ENGINE = {{engine:ReplacingMergeTree(resolved_at)}}
ORDER BY (delivery, record)
;
-- Bench: the events that the present commit supersedes. Memory, as the other tables of the bench.
CREATE TABLE IF NOT EXISTS superseding {{on_cluster}} (
    object_hash UInt64, object_type String, object_id String, occurred_at DateTime64(6, 'UTC'), source String,
    event_id String, content_hash FixedString(16), delivery String, by_delivery String, by_version UInt32
)
ENGINE = Memory
