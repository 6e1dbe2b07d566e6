-- Lineage: what findings have in common, what proves them, and how the money of a hop comes out. Everything here is derived and can
-- be made again (revtrace rebuild).
--
-- Engines and orders as in the migrations of lineage before: replaced by version and looked up by the key that the refresh knows;
-- aggregated where only the first and last of something counts; no partitions, as nothing goes by age. ZSTD(1) on what repeats little, default codecs for small tables.

-- What there is gets its new columns by a rebuild; without any turn there is nothing to rebuild.
INSERT INTO wheel_turns (turn, batch, config, kind, started_at, finished_at, watermark)
SELECT turn + 1, batch, '', 'begun', started_at, finished_at, watermark FROM wheel_turns ORDER BY turn DESC LIMIT 1
;
-- How sure a fuzzy finding is, from 0 to 1; NULL for an exact one.
ALTER TABLE finding_rows {{on_cluster}} ADD COLUMN IF NOT EXISTS score Nullable(Decimal(4, 2)) CODEC(ZSTD(1))
;
-- What findings of one cause share besides kind, source and stage: the error, and the mapping that made the event of it.
ALTER TABLE finding_rows {{on_cluster}} ADD COLUMN IF NOT EXISTS code String CODEC(ZSTD(1))
;
ALTER TABLE finding_rows {{on_cluster}} ADD COLUMN IF NOT EXISTS fingerprint String CODEC(ZSTD(1))
;
ALTER TABLE finding_rows {{on_cluster}} ADD COLUMN IF NOT EXISTS mapping LowCardinality(String) CODEC(ZSTD(1))
;
ALTER TABLE finding_rows {{on_cluster}} ADD COLUMN IF NOT EXISTS mapping_version LowCardinality(String) CODEC(ZSTD(1))
;
-- Which parts of a difference of money have a reason, by kind of reason.
ALTER TABLE finding_rows {{on_cluster}} ADD COLUMN IF NOT EXISTS explained_by Array(Tuple(kind LowCardinality(String), amount Decimal(18, 4))) CODEC(ZSTD(1))
;
-- The first and the last word of a source in each hour: a silence of more than an hour lies between two rows.
CREATE TABLE IF NOT EXISTS source_hours {{on_cluster}} (
    source LowCardinality(String),
    hour DateTime64(6, 'UTC'),
    first SimpleAggregateFunction(min, Tuple(at DateTime64(6, 'UTC'), event_id String)),
    last SimpleAggregateFunction(max, Tuple(at DateTime64(6, 'UTC'), event_id String))
) ENGINE = {{engine:AggregatingMergeTree()}} ORDER BY (source, hour)
;
-- Which records were refused first and last, as `delivery:record`.
ALTER TABLE source_refusals {{on_cluster}} ADD COLUMN IF NOT EXISTS
    first_record SimpleAggregateFunction(min, Tuple(at DateTime64(6, 'UTC'), record String))
;
ALTER TABLE source_refusals {{on_cluster}} ADD COLUMN IF NOT EXISTS
    last_record SimpleAggregateFunction(max, Tuple(at DateTime64(6, 'UTC'), record String))
;
-- What went into a connected part of a hop and came out of it, one row a currency: how far the difference has a reason, and what is
-- left. Looked up and replaced by `subject_hash`, the object that names the part.
CREATE TABLE IF NOT EXISTS hop_values {{on_cluster}} (
    subject_hash UInt64 CODEC(ZSTD(1)),
    hop LowCardinality(String),                    -- the two object types
    currency LowCardinality(String),
    version UInt64 CODEC(Delta, ZSTD(1)),
    deleted UInt8 CODEC(ZSTD(1)),
    processes Array(LowCardinality(String)) CODEC(ZSTD(1)),  -- those whose hop it is
    period LowCardinality(String),
    legal_entity LowCardinality(String),
    into_sum Decimal(38, 4) CODEC(ZSTD(1)),
    out_sum Decimal(38, 4) CODEC(ZSTD(1)),
    into_objects UInt32 CODEC(ZSTD(1)),
    out_objects UInt32 CODEC(ZSTD(1)),
    comparable UInt8 CODEC(ZSTD(1)),               -- 0: one side has no money yet, so that none is lost
    allocated UInt8 CODEC(ZSTD(1)),                -- 1: all links carry amounts, so that each document is compared by itself
    misplaced Decimal(38, 4) CODEC(ZSTD(1)),       -- by what the documents differ from their links, each by itself
    exchange Decimal(38, 4) CODEC(ZSTD(1)),        -- explained by: another currency at the rate that is told
    tax Decimal(38, 4) CODEC(ZSTD(1)),             -- tax that one side includes
    credit Decimal(38, 4) CODEC(ZSTD(1)),          -- memos on the objects of the larger side
    write_off Decimal(38, 4) CODEC(ZSTD(1)),
    rounding Decimal(38, 4) CODEC(ZSTD(1)),        -- what is left, within the tolerance
    unexplained Decimal(38, 4) CODEC(ZSTD(1)),
    settled Tuple(at DateTime64(6, 'UTC'), event_id String) CODEC(ZSTD(1))  -- the memo that explains the last of it
) ENGINE = {{engine:ReplacingMergeTree(version)}} ORDER BY (subject_hash, hop, currency) SETTINGS index_granularity = 1024
;
-- Work table of one detector's run, emptied before it: what stands on the two sides of each connected part of a hop.
CREATE TABLE IF NOT EXISTS work_hop_sides {{on_cluster}} (
    hop String, label UInt64, object_hash UInt64, is_out UInt8, key String, amount Nullable(Decimal(18, 4)), currency String, legal_entity String,
    source String, period String, name_hashes Array(UInt64), froms Array(Tuple(up_hash UInt64, amount Nullable(Decimal(18, 4)))),
    first_at DateTime64(6, 'UTC'), last_at DateTime64(6, 'UTC'), event_ids Array(String)
) ENGINE = Memory
