-- Lineage: what reconciliation controls keep. Everything here can be made again from `events` (revtrace rebuild).
--
-- Money is kept at three levels, so that an event costs what it touches: the line of an object, the sum of a group of lines
-- (one money of one contract, currency, legal entity and period), and the row of a control. A turn tells the lines of the
-- objects it touches anew, then the sums of the groups they are or ever were in, then the rows of those contracts.
-- Engines: ReplacingMergeTree(version) where a row is told anew; ReplacingMergeTree where rows are facts that may be added
-- twice; MergeTree for what is small and written whole. Order: the key that a turn looks up by. No partitions: a lookup by
-- key visits every partition. Codecs: ZSTD(1) on hashes, ids and amounts, Delta before it on versions and times; small tables
-- and words of a small vocabulary keep the engine's default.

-- The declarations in force: a money is a measure as the systems of some roles tell it, and has a number.
CREATE TABLE IF NOT EXISTS control_moneys {{on_cluster}} (
    money UInt16,
    measure LowCardinality(String),
    roles Array(String),
    balance UInt8,                                 -- what an object stands at; its changes are summed
    kept UInt8                                     -- 1: what a credit memo takes off in part does not count
) ENGINE = {{engine:MergeTree()}} ORDER BY money  -- a dozen rows, read whole
;
-- One row a pair of sides. `less_money` 0: nothing is taken off; the kinds are movement, cumulative, balance, total.
CREATE TABLE IF NOT EXISTS control_rules {{on_cluster}} (
    control LowCardinality(String),
    version String,
    title String,
    compare LowCardinality(String),
    latest UInt8,
    warn_from LowCardinality(String),
    only_known UInt8,
    side UInt8,
    left_title String,
    right_title String,
    terms Array(Tuple(part LowCardinality(String), money UInt16, kind LowCardinality(String))),
    tolerance Map(String, Decimal(18, 4))
) ENGINE = {{engine:MergeTree()}} ORDER BY (control, side)  -- a dozen rows, read whole
;
-- How far the controls have come, and with which declarations. A row a run.
CREATE TABLE IF NOT EXISTS control_runs {{on_cluster}} (
    turn UInt64,
    batch UInt64,
    config String,
    roles Map(String, String)                      -- of every source; a role that changed means that all is told anew
) ENGINE = {{engine:MergeTree()}} ORDER BY turn
;
-- What takes money off an object, one row an ok event that says so: facts, so rows are only ever added.
CREATE TABLE IF NOT EXISTS control_reversals {{on_cluster}} (
    target_hash UInt64 CODEC(ZSTD(1)),
    by_hash UInt64 CODEC(ZSTD(1)),
    occurred_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    source LowCardinality(String),
    event_id String CODEC(ZSTD(1)),
    content_hash FixedString(16) CODEC(NONE),      -- no codec makes a hash smaller
    taken Nullable(Decimal(18, 4)) CODEC(ZSTD(1)), -- NULL: all of it
    currency LowCardinality(String)
) ENGINE = {{engine:ReplacingMergeTree()}}
ORDER BY (target_hash, by_hash, occurred_at, source, event_id, content_hash) SETTINGS index_granularity = 1024
;
-- Every group that an object ever had a line in. A superset needs no tombstones and survives a crash between two statements.
CREATE TABLE IF NOT EXISTS control_places {{on_cluster}} (
    object_hash UInt64 CODEC(ZSTD(1)),
    contract_hash UInt64 CODEC(ZSTD(1)),
    contract String CODEC(ZSTD(1)),
    money UInt16 CODEC(ZSTD(1)),
    currency LowCardinality(String),
    legal_entity LowCardinality(String),
    period LowCardinality(String)
) ENGINE = {{engine:ReplacingMergeTree()}}
ORDER BY (object_hash, contract_hash, contract, money, currency, legal_entity, period) SETTINGS index_granularity = 1024
;
-- What an object counts in a group.
CREATE TABLE IF NOT EXISTS control_lines {{on_cluster}} (
    contract_hash UInt64 CODEC(ZSTD(1)),
    contract String CODEC(ZSTD(1)),
    money UInt16 CODEC(ZSTD(1)),
    currency LowCardinality(String),
    legal_entity LowCardinality(String),
    period LowCardinality(String),
    object_hash UInt64 CODEC(ZSTD(1)),
    object String CODEC(ZSTD(1)),
    amount Decimal(38, 4) CODEC(ZSTD(1)),
    occurred_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    event_id String CODEC(ZSTD(1)),
    version UInt64 CODEC(Delta, ZSTD(1)),
    deleted UInt8 CODEC(ZSTD(1))
) ENGINE = {{engine:ReplacingMergeTree(version)}}
ORDER BY (contract_hash, contract, money, currency, legal_entity, period, object_hash) SETTINGS index_granularity = 1024
;
CREATE TABLE IF NOT EXISTS control_sums {{on_cluster}} (
    contract_hash UInt64 CODEC(ZSTD(1)),
    contract String CODEC(ZSTD(1)),
    money UInt16 CODEC(ZSTD(1)),
    currency LowCardinality(String),
    legal_entity LowCardinality(String),
    period LowCardinality(String),
    amount Decimal(38, 4) CODEC(ZSTD(1)),
    objects UInt64 CODEC(ZSTD(1)),
    first_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    last_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    evidence Array(String) CODEC(ZSTD(1)),         -- event ids of its newest lines
    version UInt64 CODEC(Delta, ZSTD(1)),
    deleted UInt8 CODEC(ZSTD(1))
) ENGINE = {{engine:ReplacingMergeTree(version)}}
ORDER BY (contract_hash, contract, money, currency, legal_entity, period) SETTINGS index_granularity = 1024
;
-- One row a control, pair of sides, contract, currency, legal entity and period.
CREATE TABLE IF NOT EXISTS control_rows {{on_cluster}} (
    contract_hash UInt64 CODEC(ZSTD(1)),
    control LowCardinality(String),
    side UInt8,
    contract String CODEC(ZSTD(1)),
    currency LowCardinality(String),
    legal_entity LowCardinality(String),
    period LowCardinality(String),
    left_amount Decimal(38, 4) CODEC(ZSTD(1)),
    right_amount Decimal(38, 4) CODEC(ZSTD(1)),
    tolerance Decimal(18, 4) CODEC(ZSTD(1)),
    broken UInt8,
    opening Decimal(38, 4) CODEC(ZSTD(1)),         -- left side at the end of the period with data before this one
    added Decimal(38, 4) CODEC(ZSTD(1)),           -- in this period on the right side
    taken Decimal(38, 4) CODEC(ZSTD(1)),           -- in this period by what the right side takes off
    left_objects UInt64 CODEC(ZSTD(1)),
    right_objects UInt64 CODEC(ZSTD(1)),
    with_unnamed UInt8,                            -- 1: money without a legal entity belongs to this one, the contract's only
    first_at DateTime64(6, 'UTC') CODEC(ZSTD(1)),
    last_at DateTime64(6, 'UTC') CODEC(ZSTD(1)),
    warn_at Nullable(DateTime64(6, 'UTC')) CODEC(ZSTD(1)),   -- until then a difference may be work on its way; NULL: at once
    close_at Nullable(DateTime64(6, 'UTC')) CODEC(ZSTD(1)),  -- the books of the period close
    evidence Array(String) CODEC(ZSTD(1)),
    version UInt64 CODEC(Delta, ZSTD(1)),
    deleted UInt8 CODEC(ZSTD(1))
) ENGINE = {{engine:ReplacingMergeTree(version)}}
ORDER BY (contract_hash, control, side, contract, currency, legal_entity, period) SETTINGS index_granularity = 1024
;
-- Work tables of one run, emptied as it goes.
CREATE TABLE IF NOT EXISTS work_control_members (object_hash UInt64, class_hash UInt64, class String) ENGINE = Memory
;
CREATE TABLE IF NOT EXISTS work_control_events (
    class_hash UInt64, class String, at Tuple(DateTime64(6, 'UTC'), String, String, String), action LowCardinality(String), role LowCardinality(String),
    ok UInt8, reverses UInt8, contract String, legal_entity String, period String, amount Nullable(Decimal(18, 4)), currency String, measure String
) ENGINE = Memory
;
CREATE TABLE IF NOT EXISTS work_control_lines (
    contract_hash UInt64, contract String, money UInt16, currency String, legal_entity String, period String, object_hash UInt64,
    object String, amount Decimal(38, 4), occurred_at DateTime64(6, 'UTC'), event_id String
) ENGINE = Memory
;
CREATE TABLE IF NOT EXISTS work_control_groups (
    contract_hash UInt64, contract String, money UInt16, currency String, legal_entity String, period String
) ENGINE = Memory
;
CREATE TABLE IF NOT EXISTS work_control_contracts (contract_hash UInt64, contract String) ENGINE = Memory
