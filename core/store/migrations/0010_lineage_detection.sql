-- Lineage: what detectors look things up by. Everything here is derived and can be made again (revtrace rebuild).
--
-- Engines: ReplacingMergeTree where rows are only added but may be added twice; AggregatingMergeTree where only the first and last
-- of something counts, so that saying it twice changes nothing. Orders are the keys of the lookups; no partitions, as nothing
-- goes by age; ZSTD(1) on hashes, default codecs for small tables.

-- What there is gets its rows here by a rebuild; without any turn there is nothing to rebuild.
INSERT INTO wheel_turns (turn, batch, config, kind, started_at, finished_at, watermark)
SELECT turn + 1, batch, '', 'begun', started_at, finished_at, watermark FROM wheel_turns ORDER BY turn DESC LIMIT 1
;
-- What an object has ever said that another may say as well (resource, day, hours ...), from both sides: fact to object and object
-- to fact. A superset needs no tombstones; whether it still says so is read from its events.
CREATE TABLE IF NOT EXISTS likenesses {{on_cluster}} (
    key_hash UInt64 CODEC(ZSTD(1)),
    other_hash UInt64 CODEC(ZSTD(1))
) ENGINE = {{engine:ReplacingMergeTree()}} ORDER BY (key_hash, other_hash) SETTINGS index_granularity = 1024
;
-- One row a source and object type that it has told of: when first and last, by the instants of its events.
CREATE TABLE IF NOT EXISTS source_facts {{on_cluster}} (
    source LowCardinality(String),
    object_type LowCardinality(String),
    first_at SimpleAggregateFunction(min, DateTime64(6, 'UTC')),
    last_at SimpleAggregateFunction(max, DateTime64(6, 'UTC'))
) ENGINE = {{engine:AggregatingMergeTree()}} ORDER BY (source, object_type)
;
-- One row a source, object type and field for which its records were refused: when first and last, by what the records say.
CREATE TABLE IF NOT EXISTS source_refusals {{on_cluster}} (
    source LowCardinality(String),
    object_type LowCardinality(String),
    reason LowCardinality(String),
    field LowCardinality(String),
    first_at SimpleAggregateFunction(min, DateTime64(6, 'UTC')),
    last_at SimpleAggregateFunction(max, DateTime64(6, 'UTC'))
) ENGINE = {{engine:AggregatingMergeTree()}} ORDER BY (source, object_type, reason, field)
;
-- Work tables of one detector's run, emptied before it. Links of a hop, and what they are connected to.
CREATE TABLE IF NOT EXISTS work_hops {{on_cluster}} (round UInt32, hop String, up_hash UInt64, down_hash UInt64, label UInt64) ENGINE = Memory
;
CREATE TABLE IF NOT EXISTS work_rings {{on_cluster}} (depth UInt32, start UInt64, node UInt64, downward UInt8) ENGINE = Memory
;
CREATE TABLE IF NOT EXISTS work_sources {{on_cluster}} (source String) ENGINE = Memory
