-- Lineage: what memos take off revenue events, and the terms they were made with. Everything here is derived, so what changes its shape is dropped, and the next turn
-- of the wheel rebuilds.
--
-- Engines, orders, partitions and codecs are chosen as in the first migration of lineage: ReplacingMergeTree(version) where a row is
-- told anew, ReplacingMergeTree where rows are only added but may be added twice, ordered by the key that the refresh looks up by,
-- no partitions, ZSTD(1) on hashes and texts, Delta before it on versions.

-- The version of the declarations is '' while a rebuild is due; without any turn there is nothing to rebuild.
INSERT INTO wheel_turns (turn, batch, config, kind, started_at, finished_at, watermark)
SELECT turn + 1, batch, '', 'begun', started_at, finished_at, watermark FROM wheel_turns ORDER BY turn DESC LIMIT 1
;
ALTER TABLE objects {{on_cluster}} DROP COLUMN IF EXISTS reverses
;
ALTER TABLE objects {{on_cluster}} ADD COLUMN IF NOT EXISTS
    -- What its latest ok event that reverses another takes off it: no amount is all of it, no currency is that of the other.
    -- Void: it was rejected, reversed or cancelled since it said so; if not, since when and by which event it takes as much.
    takes Array(Tuple(hash UInt64, amount Nullable(Decimal(18, 4)), currency String, void UInt8, since DateTime64(6, 'UTC'), event_id String)) CODEC(ZSTD(1)) AFTER sources_hash
;
ALTER TABLE paths {{on_cluster}} ADD COLUMN IF NOT EXISTS
    credited Decimal(18, 4) CODEC(ZSTD(1)) AFTER currency  -- its share of memos, the sum of its rows in credit_shares
;
ALTER TABLE paths {{on_cluster}} ADD COLUMN IF NOT EXISTS
    first_ok_at Nullable(DateTime64(6, 'UTC')) CODEC(ZSTD(1)) AFTER started_at  -- of the revenue event itself
;
-- One row a version of a contract, by each of its names: in force from the contract's first ok activated or amended event with it.
CREATE TABLE IF NOT EXISTS contract_terms {{on_cluster}} (
    contract String CODEC(ZSTD(1)),
    contract_version String CODEC(ZSTD(1)),
    since DateTime64(6, 'UTC') CODEC(ZSTD(1)),
    event_id String CODEC(ZSTD(1)),
    version UInt64 CODEC(Delta, ZSTD(1)),
    deleted UInt8 CODEC(ZSTD(1))                   -- 1: no event of the contract says so any more
) ENGINE = {{engine:ReplacingMergeTree(version)}} ORDER BY (contract, contract_version) SETTINGS index_granularity = 1024
;
ALTER TABLE links_down {{on_cluster}} ADD COLUMN IF NOT EXISTS
    corrects UInt8 CODEC(ZSTD(1)) AFTER reverses   -- 1: it reverses the other and is not made from it: it counts for no stage
;
ALTER TABLE tails {{on_cluster}} ADD COLUMN IF NOT EXISTS
    corrections Array(UInt8) CODEC(ZSTD(1)) AFTER reverseds  -- 1: only reached by what reverses another
;
DROP TABLE IF EXISTS work_root_queue {{on_cluster}} SYNC
;
DROP TABLE IF EXISTS work_roots {{on_cluster}} SYNC
;
DROP TABLE IF EXISTS work_nodes {{on_cluster}} SYNC
;
DROP TABLE IF EXISTS work_edges {{on_cluster}} SYNC
;
DROP TABLE IF EXISTS work_parts {{on_cluster}} SYNC
;
DROP TABLE IF EXISTS work_ends {{on_cluster}} SYNC
;
DROP TABLE IF EXISTS work_targets {{on_cluster}} SYNC
;
-- What was ever reversed by another object, in full or in part. A superset needs no tombstones; objects and links say what holds.
CREATE TABLE IF NOT EXISTS taken_objects {{on_cluster}} (
    object_hash UInt64 CODEC(ZSTD(1))
) ENGINE = {{engine:ReplacingMergeTree()}} ORDER BY object_hash SETTINGS index_granularity = 1024
;
-- What a revenue event bears of what a memo takes off an object of its path. Ordered by the revenue event, whose share is read
-- with its path; the refresh reads it whole by target, as it is small.
CREATE TABLE IF NOT EXISTS credit_shares {{on_cluster}} (
    root_hash UInt64 CODEC(ZSTD(1)),
    target_hash UInt64 CODEC(ZSTD(1)),
    memo_hash UInt64 CODEC(ZSTD(1)),
    memo_key String CODEC(ZSTD(1)),
    target_key String CODEC(ZSTD(1)),
    amount Decimal(18, 4) CODEC(ZSTD(1)),
    version UInt64 CODEC(Delta, ZSTD(1)),
    deleted UInt8 CODEC(ZSTD(1))
) ENGINE = {{engine:ReplacingMergeTree(version)}} ORDER BY (root_hash, target_hash, memo_hash) SETTINGS index_granularity = 1024
;
CREATE TABLE IF NOT EXISTS work_targets {{on_cluster}} (
    class_hash UInt64, object_type LowCardinality(String), target_hash UInt64, target_type LowCardinality(String), target_id String,
    relation LowCardinality(String), link_amount Nullable(Decimal(18, 4)), taken Nullable(Decimal(18, 4)), currency String,
    ok UInt8, place UInt64, said_at Tuple(DateTime64(6, 'UTC'), String, String, String), event_id String
) ENGINE = Memory
;
-- Whose reversal by others is settled in this turn, what is taken off them, and in which round they came out as reversed.
CREATE TABLE IF NOT EXISTS work_taken {{on_cluster}} (object_hash UInt64) ENGINE = Memory
;
CREATE TABLE IF NOT EXISTS work_takings {{on_cluster}} (
    target_hash UInt64, by_hash UInt64, amount Nullable(Decimal(18, 4)), own_amount Nullable(Decimal(18, 4))
) ENGINE = Memory
;
CREATE TABLE IF NOT EXISTS work_reversed {{on_cluster}} (round UInt32, object_hash UInt64) ENGINE = Memory
;
-- Objects whose credits are shared out anew. Engine: MergeTree, since a rebuild puts all of them here, to take them range by range;
-- order: what a range is of; default codecs, no partition.
CREATE TABLE IF NOT EXISTS work_credited {{on_cluster}} (object_hash UInt64) ENGINE = {{engine:MergeTree()}} ORDER BY object_hash
;
CREATE TABLE IF NOT EXISTS work_credits {{on_cluster}} (
    target_hash UInt64, target_type String, target_key String, memo_hash UInt64, memo_key String, amount Decimal(18, 4), currency String
) ENGINE = Memory
;
-- The way up from each of them: '' while all links were asserted, else the process whose links were used.
CREATE TABLE IF NOT EXISTS work_bearers {{on_cluster}} (depth UInt32, target_hash UInt64, process String, object_hash UInt64) ENGINE = Memory
;
CREATE TABLE IF NOT EXISTS work_bearings {{on_cluster}} (
    target_hash UInt64, process String, down_hash UInt64, up_hash UInt64, amount Nullable(Decimal(18, 4))
) ENGINE = Memory
;
-- The match rules that are on, as the links were inferred with. A few rows, read whole: default codecs.
CREATE TABLE IF NOT EXISTS match_rules {{on_cluster}} (
    rule String,
    up_type String,
    down_type String,
    fields Array(String),                          -- what both must agree in, beside amount and currency
    within_us Int64,
    early_us Int64,
    texts Array(String),                           -- what is compared: `id`, or the name of an attribute
    score_min UInt8
) ENGINE = {{engine:MergeTree()}} ORDER BY rule
;
-- Which objects a rule may ever have had to compare: all of one block agree in what they must. From both sides: block to object and
-- object to block. A superset needs no tombstones; what an object says now is read from it.
CREATE TABLE IF NOT EXISTS match_keys {{on_cluster}} (
    key_hash UInt64 CODEC(ZSTD(1)),
    other_hash UInt64 CODEC(ZSTD(1)),
    is_block UInt8 CODEC(ZSTD(1))                  -- 1: the key is the block
) ENGINE = {{engine:ReplacingMergeTree()}} ORDER BY (key_hash, other_hash) SETTINGS index_granularity = 1024
;
CREATE TABLE IF NOT EXISTS work_matchable {{on_cluster}} (object_hash UInt64) ENGINE = Memory
;
CREATE TABLE IF NOT EXISTS work_blocks {{on_cluster}} (block_hash UInt64) ENGINE = Memory
;
-- Who may be matched in these blocks, and the texts to compare.
CREATE TABLE IF NOT EXISTS work_candidates {{on_cluster}} (
    block_hash UInt64, rule String, is_down UInt8, object_hash UInt64, object_type String, object_id String, at_us Int64, texts Array(String)
) ENGINE = Memory
;
CREATE TABLE IF NOT EXISTS work_matches {{on_cluster}} (
    down_hash UInt64, up_hash UInt64, up_type String, up_id String, rule String
) ENGINE = Memory
;
CREATE TABLE IF NOT EXISTS work_rematched {{on_cluster}} (object_hash UInt64) ENGINE = Memory
;
CREATE TABLE IF NOT EXISTS work_match_rules {{on_cluster}} AS match_rules
;
-- As before, with what tells corrections apart. The touched revenue events: engine MergeTree, written whole and emptied; order: what
-- a slice is a range of; default codecs, no partition.
CREATE TABLE IF NOT EXISTS work_root_queue {{on_cluster}} (
    place UInt64,                                  -- the hash of its tail, of the root itself when it has none
    process String, root_hash UInt64, root_type LowCardinality(String), root_id String,
    tail_hash UInt64, downs Array(UInt64), corrections Array(UInt8), grades Array(UInt8)
) ENGINE = {{engine:MergeTree()}} ORDER BY place
;
CREATE TABLE IF NOT EXISTS work_roots {{on_cluster}} (
    process String, root_hash UInt64, root_type LowCardinality(String), root_id String,
    tail_hash UInt64, downs Array(UInt64), corrections Array(UInt8), grades Array(UInt8)
) ENGINE = Memory
;
-- A node is an object in a process, as it was made or as a correction. `rank` is the place of its key among all keys of the slice.
CREATE TABLE IF NOT EXISTS work_nodes {{on_cluster}} (
    depth UInt32, node UInt64, process String, object_hash UInt64, corrects UInt8
) ENGINE = Memory
;
CREATE TABLE IF NOT EXISTS work_edges {{on_cluster}} (
    up UInt64, down UInt64, grade UInt8, process String, down_hash UInt64, corrects UInt8
) ENGINE = Memory
;
CREATE TABLE IF NOT EXISTS work_parts {{on_cluster}} (
    node UInt64, rank UInt64, process String, object_hash UInt64, object_key String, reversed UInt8, corrects UInt8,
    first_at DateTime64(6, 'UTC'), last_at DateTime64(6, 'UTC'),
    own_stages UInt64,                             -- bit i: stage i + 1 is of this object's type, and it counts for stages
    done_stages UInt64,                            -- of them: those it has been through
    failed UInt8,
    is_root UInt8,                                 -- it is of the process's root type
    firsts Array(Int64)                            -- microseconds by stage; the largest number: not yet
) ENGINE = Memory
;
CREATE TABLE IF NOT EXISTS work_ends {{on_cluster}} (
    process String, tail_hash UInt64, reached Array(Int64), last_done Array(Int64), needs Array(UInt8), covered Array(UInt8),
    stuck Array(String), failing UInt64, cover UInt64, first_at Int64, last_at DateTime64(6, 'UTC'), weakest UInt8,
    root_hashes Array(UInt64), root_grades Array(UInt8),
    object_hashes Array(UInt64), object_keys Array(String), grades Array(UInt8), vias Array(String), depths Array(UInt8),
    reverseds Array(UInt8), corrections Array(UInt8)
) ENGINE = Memory
