-- Lineage: what is derived from events. Everything here can be made again from `events` (revtrace rebuild).
--
-- Keys are 64-bit hashes: looking objects up by hash in a large table is an order of magnitude faster than by
-- their strings, and the hash is what a cluster would shard by. A class of aliases is one object, named by its
-- bytewise smallest id; `object_hash` of a derived table is always the hash of that name.
-- Tables that the refresh looks into by key use a small index granularity: a lookup reads whole granules.
-- No partitions: a lookup by key has to visit every partition, and nothing here is ever dropped by age.
-- Engines: ReplacingMergeTree(version) where a row is told anew, so that the newest counts and nothing is ever deleted first;
-- ReplacingMergeTree where rows are only added but may be added twice; MergeTree for what is small and written whole.
-- Order: the key that the refresh looks up by. Codecs: ZSTD(1) on ids, hashes and arrays, where the bytes are, Delta before it on
-- versions, which one turn writes alike; words of a small vocabulary and the small tables keep the engine's default.

-- The declarations that the derived tables were made with, so that a changed file takes effect only with a rebuild.
CREATE TABLE IF NOT EXISTS process_stages {{on_cluster}} (
    process LowCardinality(String),
    version String,                                -- of the process declaration
    root_type LowCardinality(String),
    engagement LowCardinality(String),             -- '' takes roots of any engagement that has no process of its own
    position UInt8,                                -- from 1
    stage LowCardinality(String),
    object_type LowCardinality(String),
    type_place UInt8,                              -- place of the object type in the process, from 1
    actions Array(String),
    roles Array(String),                           -- empty: any role
    required Bool,
    within_us Int64,                               -- microseconds; -1: no limit
    within_at_close_us Int64,                      -- microseconds; -1: as `within_us`
    business Bool,                                 -- the limit counts open hours
    is_cutoff Bool
) ENGINE = {{engine:MergeTree()}} ORDER BY (process, position)  -- a few dozen rows, read whole
;
-- Whose calendar is which; a legal entity without a row takes 'default'.
CREATE TABLE IF NOT EXISTS calendar_entities {{on_cluster}} (
    legal_entity String,
    calendar LowCardinality(String)
) ENGINE = {{engine:MergeTree()}} ORDER BY legal_entity  -- a few rows an entity: no partition, default codecs
;
-- Open hours of each calendar, as far as the calendars reach.
CREATE TABLE IF NOT EXISTS calendar_hours {{on_cluster}} (
    calendar LowCardinality(String),
    opens DateTime64(6, 'UTC'),
    closes DateTime64(6, 'UTC'),
    before_us Int64                                -- open time before `opens`, since the calendar's beginning
) ENGINE = {{engine:MergeTree()}} ORDER BY (calendar, opens)  -- joined by the last interval at or before an instant
;
CREATE TABLE IF NOT EXISTS calendar_periods {{on_cluster}} (
    calendar LowCardinality(String),
    period LowCardinality(String),
    starts DateTime64(6, 'UTC'),
    ends DateTime64(6, 'UTC'),
    close_from DateTime64(6, 'UTC'),
    close_to DateTime64(6, 'UTC'),
    billing_cutoff DateTime64(6, 'UTC'),
    books_close DateTime64(6, 'UTC')
) ENGINE = {{engine:MergeTree()}} ORDER BY (calendar, starts)  -- joined by the last period at or before an instant
;
-- Known error patterns, in the order in which they are tried.
CREATE TABLE IF NOT EXISTS failure_patterns {{on_cluster}} (
    rank UInt32,
    name LowCardinality(String),
    source_pattern String,                         -- RE2; '' matches any
    code_pattern String,
    message_pattern String,
    subkind LowCardinality(String),
    class LowCardinality(String),
    advice String,
    runbook String
) ENGINE = {{engine:MergeTree()}} ORDER BY rank  -- a few dozen rows, read whole
;
-- How far the wheel has come. One row a turn, the last one counts; small, so default codecs.
CREATE TABLE IF NOT EXISTS wheel_turns {{on_cluster}} (
    turn UInt64,                                   -- version of every row the turn wrote
    batch UInt64,                                  -- every batch up to this one is in
    config String,                                 -- hash of the declarations it was made with
    kind LowCardinality(String),                   -- begun, turn, rebuild
    events UInt64,
    objects UInt64,
    roots UInt64,
    started_at DateTime64(6, 'UTC'),
    finished_at DateTime64(6, 'UTC'),
    watermark DateTime64(6, 'UTC')                 -- admitted_at of the newest event taken
) ENGINE = {{engine:MergeTree()}} ORDER BY turn
;
-- Which ids are names of one thing. Asserted by events, so rows are only ever added. Both directions of each pair.
CREATE TABLE IF NOT EXISTS alias_edges {{on_cluster}} (
    object_hash UInt64 CODEC(ZSTD(1)),             -- hashes do not delta; ZSTD still finds runs of equal keys
    other_hash UInt64 CODEC(ZSTD(1)),
    object_type LowCardinality(String),
    object_id String CODEC(ZSTD(1)),
    other_id String CODEC(ZSTD(1))
) ENGINE = {{engine:ReplacingMergeTree()}} ORDER BY (object_hash, other_hash) SETTINGS index_granularity = 1024
;
-- The class of every id that has aliases; an id without a row is its own class.
CREATE TABLE IF NOT EXISTS alias_classes {{on_cluster}} (
    object_hash UInt64 CODEC(ZSTD(1)),
    object_type LowCardinality(String),
    object_id String CODEC(ZSTD(1)),
    class_hash UInt64 CODEC(ZSTD(1)),
    class_id String CODEC(ZSTD(1)),
    version UInt64 CODEC(Delta, ZSTD(1))           -- neighbours were mostly written by one turn
) ENGINE = {{engine:ReplacingMergeTree(version)}} ORDER BY object_hash SETTINGS index_granularity = 1024
;
-- Every link there has ever been, from the upstream side. The row of the downstream object in `objects` says which of
-- them hold now; a superset needs no tombstones and survives a crash between two statements.
CREATE TABLE IF NOT EXISTS links_down {{on_cluster}} (
    up_hash UInt64 CODEC(ZSTD(1)),
    process LowCardinality(String),                -- '' for asserted links
    down_hash UInt64 CODEC(ZSTD(1)),
    down_type LowCardinality(String)
) ENGINE = {{engine:ReplacingMergeTree()}} ORDER BY (up_hash, process, down_hash) SETTINGS index_granularity = 1024
;
-- The same, from the downstream side: the way up to the roots that a change can touch.
CREATE TABLE IF NOT EXISTS links_up {{on_cluster}} (
    down_hash UInt64 CODEC(ZSTD(1)),
    process LowCardinality(String),
    up_hash UInt64 CODEC(ZSTD(1)),
    up_type LowCardinality(String),
    up_id String CODEC(ZSTD(1))
) ENGINE = {{engine:ReplacingMergeTree()}} ORDER BY (down_hash, process, up_hash) SETTINGS index_granularity = 1024
;
-- Idempotency keys and who used them how: settles failures and finds double postings.
CREATE TABLE IF NOT EXISTS idempotency_uses {{on_cluster}} (
    key_hash UInt64 CODEC(ZSTD(1)),
    object_type LowCardinality(String),
    object_hash UInt64 CODEC(ZSTD(1)),
    object_id String CODEC(ZSTD(1)),
    action LowCardinality(String),
    outcome LowCardinality(String),
    occurred_at DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    idempotency_key String CODEC(ZSTD(1))
) ENGINE = {{engine:ReplacingMergeTree()}}
ORDER BY (key_hash, object_type, object_hash, action, outcome, occurred_at) SETTINGS index_granularity = 1024
;
-- Objects that ever failed: the only ones whose state can hang on what a sibling does.
CREATE TABLE IF NOT EXISTS failed_objects {{on_cluster}} (
    object_hash UInt64 CODEC(ZSTD(1)),
    object_type LowCardinality(String)
) ENGINE = {{engine:ReplacingMergeTree()}} ORDER BY object_hash SETTINGS index_granularity = 1024
;
-- One row an object: what its own events say. A new version replaces the whole row, so nothing stale can stay.
CREATE TABLE IF NOT EXISTS objects {{on_cluster}} (
    object_hash UInt64 CODEC(ZSTD(1)),
    object_type LowCardinality(String),
    object_id String CODEC(ZSTD(1)),
    version UInt64 CODEC(Delta, ZSTD(1)),
    deleted UInt8 CODEC(ZSTD(1)),                  -- 1: the id has become an alias of another
    names Array(String) CODEC(ZSTD(1)),            -- every id of the class, the first is object_id
    events UInt32 CODEC(ZSTD(1)),
    -- (action, role, events of any outcome, ok events, first ok, last ok in the order of events)
    acts Array(Tuple(action LowCardinality(String), role LowCardinality(String), events UInt32, oks UInt32,
        first_ok DateTime64(6, 'UTC'), last_ok Tuple(DateTime64(6, 'UTC'), String, String, String))) CODEC(ZSTD(1)),
    failures Array(Tuple(action LowCardinality(String), occurred_at DateTime64(6, 'UTC'), source LowCardinality(String),
        event_id String, idempotency_key String, code String, message String)) CODEC(ZSTD(1)),
    first_at DateTime64(6, 'UTC') CODEC(ZSTD(1)),
    last_at DateTime64(6, 'UTC') CODEC(ZSTD(1)),
    first_ok_at Nullable(DateTime64(6, 'UTC')) CODEC(ZSTD(1)),
    amount Nullable(Decimal(18, 4)) CODEC(ZSTD(1)),
    currency LowCardinality(String),
    source LowCardinality(String),                 -- of the newest event
    customer String CODEC(ZSTD(1)),
    contract String CODEC(ZSTD(1)),
    project String CODEC(ZSTD(1)),
    resource String CODEC(ZSTD(1)),
    legal_entity LowCardinality(String),
    service_line LowCardinality(String),
    region LowCardinality(String),
    engagement LowCardinality(String),
    period LowCardinality(String),
    -- Links upstream: process is '' for asserted ones; grade 3 asserted, 2 alias, 1 correlated.
    ups Array(Tuple(process LowCardinality(String), hash UInt64, key String, relation LowCardinality(String), grade UInt8,
        amount Nullable(Decimal(18, 4)), rule String, event_id String)) CODEC(ZSTD(1)),
    sources_hash UInt64 CODEC(ZSTD(1)),            -- of the set of objects it is asserted to be made from; 0: none
    reverses Array(Tuple(hash UInt64, amount Nullable(Decimal(18, 4)))) CODEC(ZSTD(1))  -- by its ok events; no amount: in full
) ENGINE = {{engine:ReplacingMergeTree(version)}} ORDER BY object_hash SETTINGS index_granularity = 1024
;
-- What other objects say of an object: reversed by them, its failures settled by them.
CREATE TABLE IF NOT EXISTS object_states {{on_cluster}} (
    object_hash UInt64 CODEC(ZSTD(1)),
    version UInt64 CODEC(Delta, ZSTD(1)),
    reversed UInt8 CODEC(ZSTD(1)),
    open_failures Array(UInt32) CODEC(ZSTD(1))     -- places (from 1) in objects.failures that nothing has settled
) ENGINE = {{engine:ReplacingMergeTree(version)}} ORDER BY object_hash SETTINGS index_granularity = 1024
;
-- One row a revenue event: its whole path. Arrays of stages are in the order of the process.
CREATE TABLE IF NOT EXISTS paths {{on_cluster}} (
    root_hash UInt64 CODEC(ZSTD(1)),
    root_type LowCardinality(String),
    root_id String CODEC(ZSTD(1)),
    version UInt64 CODEC(Delta, ZSTD(1)),
    deleted UInt8 CODEC(ZSTD(1)),                  -- 1: no revenue event any more (became an alias, lost its process)
    process LowCardinality(String),
    process_version LowCardinality(String),
    cancelled UInt8 CODEC(ZSTD(1)),
    amount Nullable(Decimal(18, 4)) CODEC(ZSTD(1)),
    currency LowCardinality(String),
    customer String CODEC(ZSTD(1)),
    contract String CODEC(ZSTD(1)),
    project String CODEC(ZSTD(1)),
    resource String CODEC(ZSTD(1)),
    legal_entity LowCardinality(String),
    service_line LowCardinality(String),
    region LowCardinality(String),
    engagement LowCardinality(String),
    period LowCardinality(String),
    started_at DateTime64(6, 'UTC') CODEC(ZSTD(1)),
    last_event_at DateTime64(6, 'UTC') CODEC(ZSTD(1)),
    cutoff_at Nullable(DateTime64(6, 'UTC')) CODEC(ZSTD(1)),
    stages Array(LowCardinality(String)) CODEC(ZSTD(1)),
    stage_types Array(LowCardinality(String)) CODEC(ZSTD(1)),
    required Array(UInt8) CODEC(ZSTD(1)),
    states Array(LowCardinality(String)) CODEC(ZSTD(1)),  -- done, late, failed, skipped, pending; overdue is told at read time
    reached Array(Nullable(DateTime64(6, 'UTC'))) CODEC(ZSTD(1)),
    completed Array(Nullable(DateTime64(6, 'UTC'))) CODEC(ZSTD(1)),
    clock_starts Array(Nullable(DateTime64(6, 'UTC'))) CODEC(ZSTD(1)),
    dues Array(Nullable(DateTime64(6, 'UTC'))) CODEC(ZSTD(1)),
    stuck Array(String) CODEC(ZSTD(1)),            -- key of the object that waits for the stage; '' when complete
    object_hashes Array(UInt64) CODEC(ZSTD(1)),
    object_keys Array(String) CODEC(ZSTD(1)),
    grades Array(UInt8) CODEC(ZSTD(1)),            -- of the strongest way to the object: 4 itself, 3 asserted, 2 alias, 1 correlated
    vias Array(String) CODEC(ZSTD(1)),             -- key of the object before it on that way
    depths Array(UInt8) CODEC(ZSTD(1)),
    reverseds Array(UInt8) CODEC(ZSTD(1))
) ENGINE = {{engine:ReplacingMergeTree(version)}} ORDER BY root_hash SETTINGS index_granularity = 512
;
-- One row a finding and revenue event it concerns ('' when it concerns none); a finding is the sum of its rows.
CREATE TABLE IF NOT EXISTS finding_rows {{on_cluster}} (
    detector LowCardinality(String),
    subject_hash UInt64 CODEC(ZSTD(1)),            -- what the rows are looked up and replaced by: a root, or an object
    finding_id String CODEC(ZSTD(1)),
    root String CODEC(ZSTD(1)),
    version UInt64 CODEC(Delta, ZSTD(1)),
    deleted UInt8 CODEC(ZSTD(1)),
    kind LowCardinality(String),
    subkind LowCardinality(String),
    class LowCardinality(String),
    severity LowCardinality(String),
    object String CODEC(ZSTD(1)),
    process LowCardinality(String),
    stage LowCardinality(String),
    source LowCardinality(String),
    legal_entity LowCardinality(String),
    amount Nullable(Decimal(18, 4)) CODEC(ZSTD(1)),
    currency LowCardinality(String),
    first_seen DateTime64(6, 'UTC') CODEC(ZSTD(1)),
    last_seen DateTime64(6, 'UTC') CODEC(ZSTD(1)),
    clock_start DateTime64(6, 'UTC') CODEC(ZSTD(1)),
    due_at Nullable(DateTime64(6, 'UTC')) CODEC(ZSTD(1)),  -- set: the finding exists only from then on
    resolved_at Nullable(DateTime64(6, 'UTC')) CODEC(ZSTD(1)),
    resolved_by String CODEC(ZSTD(1)),
    evidence Array(String) CODEC(ZSTD(1)),
    explanation String CODEC(ZSTD(1)),
    rule LowCardinality(String),
    rule_version LowCardinality(String),
    runbook LowCardinality(String)
) ENGINE = {{engine:ReplacingMergeTree(version)}} ORDER BY (detector, subject_hash, finding_id, root) SETTINGS index_granularity = 1024
;
-- Work tables of one turn: emptied at its start, bounded by the chunk it handles, never read by anybody else. Memory,
-- since nothing in them outlives the turn.
CREATE TABLE IF NOT EXISTS work_seeds (object_hash UInt64, object_type LowCardinality(String), object_id String) ENGINE = Memory
;
CREATE TABLE IF NOT EXISTS work_labels (
    round UInt32, object_hash UInt64, object_type LowCardinality(String), object_id String, label String
) ENGINE = Memory
;
-- The ids to handle, each with the class it belongs to.
CREATE TABLE IF NOT EXISTS work_members (
    object_hash UInt64, class_hash UInt64, object_type LowCardinality(String), object_id String, class_id String
) ENGINE = Memory
;
-- The events of the objects to handle, lifted to their classes and numbered in the order of events, so that the latest of
-- anything is a comparison of numbers.
CREATE TABLE IF NOT EXISTS work_events (
    class_hash UInt64, place UInt64, object_type LowCardinality(String), occurred_at DateTime64(6, 'UTC'), source LowCardinality(String),
    event_id String, content_hash FixedString(16), action LowCardinality(String), outcome LowCardinality(String), correlation_id String,
    idempotency_key String, error_code String, error_message String, amount Nullable(Decimal(18, 4)), currency LowCardinality(String),
    customer String, contract String, project String, resource String, legal_entity LowCardinality(String),
    service_line LowCardinality(String), region LowCardinality(String), engagement LowCardinality(String), period LowCardinality(String),
    link_types Array(LowCardinality(String)), link_ids Array(String), link_relations Array(LowCardinality(String)),
    link_amounts Array(Nullable(Decimal(18, 4))), span_links Array(String)
) ENGINE = Memory
;
CREATE TABLE IF NOT EXISTS work_ups (
    class_hash UInt64, object_type LowCardinality(String), process LowCardinality(String), up_hash UInt64, up_type LowCardinality(String),
    up_id String, relation LowCardinality(String), grade UInt8, amount Nullable(Decimal(18, 4)), rule String, event_id String
) ENGINE = Memory
;
CREATE TABLE IF NOT EXISTS work_correlation_ids (correlation_hash UInt64) ENGINE = Memory
;
CREATE TABLE IF NOT EXISTS work_correlations (
    correlation_id String, class_hash UInt64, object_type LowCardinality(String), class_id String
) ENGINE = Memory
;
CREATE TABLE IF NOT EXISTS work_targets (
    class_hash UInt64, object_type LowCardinality(String), target_hash UInt64, target_type LowCardinality(String), target_id String,
    relation LowCardinality(String), link_amount Nullable(Decimal(18, 4)), taken Nullable(Decimal(18, 4)), ok UInt8,
    place UInt64, event_id String
) ENGINE = Memory
;
CREATE TABLE IF NOT EXISTS work_classes (object_hash UInt64, class_hash UInt64, class_id String) ENGINE = Memory
;
CREATE TABLE IF NOT EXISTS work_states (object_hash UInt64) ENGINE = Memory
;
CREATE TABLE IF NOT EXISTS work_subjects (object_hash UInt64) ENGINE = Memory
;
CREATE TABLE IF NOT EXISTS work_ancestors (depth UInt32, object_hash UInt64, object_type LowCardinality(String), object_id String) ENGINE = Memory
;
CREATE TABLE IF NOT EXISTS work_root_queue (
    slice UInt32, process LowCardinality(String), root_hash UInt64, root_type LowCardinality(String), root_id String
) ENGINE = Memory
;
CREATE TABLE IF NOT EXISTS work_roots (
    process LowCardinality(String), root_hash UInt64, root_type LowCardinality(String), root_id String
) ENGINE = Memory
;
CREATE TABLE IF NOT EXISTS work_nodes (depth UInt32, process LowCardinality(String), object_hash UInt64) ENGINE = Memory
;
CREATE TABLE IF NOT EXISTS work_edges (
    process LowCardinality(String), up_hash UInt64, up_key String, down_hash UInt64, grade UInt8
) ENGINE = Memory
;
CREATE TABLE IF NOT EXISTS work_pairs (
    depth UInt32, process LowCardinality(String), start_hash UInt64, object_hash UInt64, grade UInt8, via String
) ENGINE = Memory
;
-- One row an object on a path: its part in each stage of the process, as arrays by stage.
CREATE TABLE IF NOT EXISTS work_parts (
    process LowCardinality(String), object_hash UInt64, object_key String, object_type LowCardinality(String), reversed UInt8,
    first_at DateTime64(6, 'UTC'), last_at DateTime64(6, 'UTC'),
    own_stages UInt64,                             -- bit i: stage i + 1 is of this object's type, and it is not reversed
    done_stages UInt64,                            -- of them: those it has been through
    failed UInt8,
    entered UInt8,                                 -- it has an event of the first stage, of any outcome
    firsts Array(Int64)                            -- microseconds by stage; the largest number: not yet
) ENGINE = Memory
;
CREATE TABLE IF NOT EXISTS work_covers (process LowCardinality(String), object_hash UInt64, covered UInt64) ENGINE = Memory
;
CREATE TABLE IF NOT EXISTS work_paths (
    process LowCardinality(String), root_hash UInt64, entered UInt8,
    reached Array(Int64), completed Array(Int64), complete Array(UInt8), clock_starts Array(Int64),
    states Array(String), stuck Array(String), first_at DateTime64(6, 'UTC'), last_at DateTime64(6, 'UTC'),
    object_hashes Array(UInt64), object_keys Array(String), grades Array(UInt8), vias Array(String), depths Array(UInt8), reverseds Array(UInt8)
) ENGINE = Memory
;
CREATE TABLE IF NOT EXISTS work_dues (root_hash UInt64, position UInt8, due_us Int64) ENGINE = Memory
