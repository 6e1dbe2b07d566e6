-- Lineage: what all revenue events behind one object share is written once. Everything here is derived, so what changes its
-- shape is dropped, and the next turn of the wheel rebuilds.
--
-- Engines, orders, partitions and codecs are chosen as in the first migration of lineage: ReplacingMergeTree(version) ordered by the
-- key that the refresh looks up by, no partitions, ZSTD(1) on hashes and arrays, Delta before it on versions.

-- The version of the declarations is '' while a rebuild is due; without any turn there is nothing to rebuild.
INSERT INTO wheel_turns (turn, batch, config, kind, started_at, finished_at, watermark)
SELECT turn + 1, batch, '', 'begun', started_at, finished_at, watermark FROM wheel_turns ORDER BY turn DESC LIMIT 1
;
ALTER TABLE objects {{on_cluster}} ADD COLUMN IF NOT EXISTS
    ended UInt8 CODEC(ZSTD(1)) AFTER period        -- 1: it has an ok rejected, reversed or cancelled event
;
DROP TABLE IF EXISTS links_down {{on_cluster}} SYNC
;
DROP TABLE IF EXISTS links_up {{on_cluster}} SYNC
;
DROP TABLE IF EXISTS paths {{on_cluster}} SYNC
;
DROP TABLE IF EXISTS work_events {{on_cluster}} SYNC
;
DROP TABLE IF EXISTS work_parts {{on_cluster}} SYNC
;
DROP TABLE IF EXISTS work_root_queue {{on_cluster}} SYNC
;
DROP TABLE IF EXISTS work_roots {{on_cluster}} SYNC
;
DROP TABLE IF EXISTS work_nodes {{on_cluster}} SYNC
;
DROP TABLE IF EXISTS work_edges {{on_cluster}} SYNC
;
DROP TABLE IF EXISTS work_pairs {{on_cluster}} SYNC
;
DROP TABLE IF EXISTS work_covers {{on_cluster}} SYNC
;
DROP TABLE IF EXISTS work_paths {{on_cluster}} SYNC
;
-- Every link there has ever been, from the downstream side: the way up to the roots that a change can touch. A superset needs no
-- tombstones and survives a crash between two statements.
CREATE TABLE IF NOT EXISTS links_up {{on_cluster}} (
    down_hash UInt64 CODEC(ZSTD(1)),
    process LowCardinality(String),                -- '' for asserted links
    up_hash UInt64 CODEC(ZSTD(1)),
    up_type LowCardinality(String),
    up_id String CODEC(ZSTD(1)),
    version UInt64 CODEC(Delta, ZSTD(1))           -- of the last turn that told it: an older one than its object's holds no more
) ENGINE = {{engine:ReplacingMergeTree(version)}} ORDER BY (down_hash, process, up_hash) SETTINGS index_granularity = 1024
;
-- The links that hold, from the upstream side: the way down to what is on a path.
CREATE TABLE IF NOT EXISTS links_down {{on_cluster}} (
    up_hash UInt64 CODEC(ZSTD(1)),
    process LowCardinality(String),
    down_hash UInt64 CODEC(ZSTD(1)),
    down_type LowCardinality(String),
    grade UInt8 CODEC(ZSTD(1)),                    -- 3 asserted, 2 alias, 1 correlated
    reverses UInt8 CODEC(ZSTD(1)),                 -- 1: the downstream object reverses the other
    version UInt64 CODEC(Delta, ZSTD(1)),
    deleted UInt8 CODEC(ZSTD(1))                   -- 1: it held once and does no more
) ENGINE = {{engine:ReplacingMergeTree(version)}} ORDER BY (up_hash, process, down_hash) SETTINGS index_granularity = 1024
;
-- Everything behind revenue events from which the same objects were made directly, by the same grades, in the same process: their
-- objects but the revenue event itself. Written once, however many revenue events share it.
CREATE TABLE IF NOT EXISTS tails {{on_cluster}} (
    tail_hash UInt64 CODEC(ZSTD(1)),               -- of the process, the objects made directly and their grades
    version UInt64 CODEC(Delta, ZSTD(1)),
    object_hashes Array(UInt64) CODEC(ZSTD(1)),
    object_keys Array(String) CODEC(ZSTD(1)),
    grades Array(UInt8) CODEC(ZSTD(1)),            -- of the strongest way to the object: 3 asserted, 2 alias, 1 correlated
    vias Array(String) CODEC(ZSTD(1)),             -- key of the object before it on that way; '' is the revenue event
    depths Array(UInt8) CODEC(ZSTD(1)),
    reverseds Array(UInt8) CODEC(ZSTD(1))
) ENGINE = {{engine:ReplacingMergeTree(version)}} ORDER BY tail_hash SETTINGS index_granularity = 512
;
-- One row a revenue event: its stages, in the order of the process; its objects are itself and those of its tail.
CREATE TABLE IF NOT EXISTS paths {{on_cluster}} (
    root_hash UInt64 CODEC(ZSTD(1)),
    root_type LowCardinality(String),
    root_id String CODEC(ZSTD(1)),
    version UInt64 CODEC(Delta, ZSTD(1)),
    deleted UInt8 CODEC(ZSTD(1)),                  -- 1: no revenue event any more (became an alias, lost its process)
    process LowCardinality(String),
    process_version LowCardinality(String),
    tail_hash UInt64 CODEC(ZSTD(1)),               -- 0: nothing was made from it
    reversed UInt8 CODEC(ZSTD(1)),                 -- it counts for no stage
    weakest UInt8 CODEC(ZSTD(1)),                  -- grade of its weakest object: 4 itself, 3 asserted, 2 alias, 1 correlated
    objects UInt32 CODEC(ZSTD(1)),
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
    stuck Array(String) CODEC(ZSTD(1))             -- key of the object that waits for the stage; '' when complete
) ENGINE = {{engine:ReplacingMergeTree(version)}} ORDER BY root_hash SETTINGS index_granularity = 512
;
-- Work tables of one turn, as those before them. Processes are plain strings: joined as low-cardinality ones, a server of version
-- 26.7 lost some of them. Objects whose events cannot be put in order by their instants alone.
CREATE TABLE IF NOT EXISTS work_tangled {{on_cluster}} (object_hash UInt64) ENGINE = Memory
;
-- The touched revenue events: no Memory, since a rebuild puts all of them here, to take them slice by slice in the order of what
-- is behind them. Engine: MergeTree, written whole and emptied; order: what a slice is a range of; default codecs, no partition.
CREATE TABLE IF NOT EXISTS work_root_queue {{on_cluster}} (
    place UInt64,                                  -- the hash of its tail, of the root itself when it has none
    process String, root_hash UInt64, root_type LowCardinality(String), root_id String,
    tail_hash UInt64, downs Array(UInt64), grades Array(UInt8)
) ENGINE = {{engine:MergeTree()}} ORDER BY place
;
CREATE TABLE IF NOT EXISTS work_starts {{on_cluster}} (
    process String, root_hash UInt64, root_type LowCardinality(String), root_id String
) ENGINE = Memory
;
CREATE TABLE IF NOT EXISTS work_roots {{on_cluster}} (
    process String, root_hash UInt64, root_type LowCardinality(String), root_id String,
    tail_hash UInt64, downs Array(UInt64), grades Array(UInt8)
) ENGINE = Memory
;
-- A node is an object in a process. `rank` is the place of its key among all keys of the slice.
CREATE TABLE IF NOT EXISTS work_nodes {{on_cluster}} (
    depth UInt32, node UInt64, process String, object_hash UInt64
) ENGINE = Memory
;
CREATE TABLE IF NOT EXISTS work_edges {{on_cluster}} (
    up UInt64, down UInt64, grade UInt8, process String, down_hash UInt64
) ENGINE = Memory
;
CREATE TABLE IF NOT EXISTS work_steps {{on_cluster}} (up UInt64, up_rank UInt64, down UInt64, grade UInt8) ENGINE = Memory
;
CREATE TABLE IF NOT EXISTS work_pairs {{on_cluster}} (depth UInt32, start UInt64, node UInt64, grade UInt8, via UInt64) ENGINE = Memory
;
CREATE TABLE IF NOT EXISTS work_covers {{on_cluster}} (node UInt64, covered UInt64) ENGINE = Memory
;
-- Objects of whose state more may have to be said than that nothing is wrong.
CREATE TABLE IF NOT EXISTS work_suspects {{on_cluster}} (object_hash UInt64) ENGINE = Memory
;
-- One row a node: its part in each stage of the process, as arrays by stage.
CREATE TABLE IF NOT EXISTS work_parts {{on_cluster}} (
    node UInt64, rank UInt64, process String, object_hash UInt64, object_key String, reversed UInt8,
    first_at DateTime64(6, 'UTC'), last_at DateTime64(6, 'UTC'),
    own_stages UInt64,                             -- bit i: stage i + 1 is of this object's type, and it is not reversed
    done_stages UInt64,                            -- of them: those it has been through
    failed UInt8,
    is_root UInt8,                                 -- it is of the process's root type
    firsts Array(Int64)                            -- microseconds by stage; the largest number: not yet
) ENGINE = Memory
;
-- One row a tail: its part in each stage of the paths that end in it.
CREATE TABLE IF NOT EXISTS work_ends {{on_cluster}} (
    process String, tail_hash UInt64, reached Array(Int64), last_done Array(Int64), needs Array(UInt8), covered Array(UInt8),
    stuck Array(String), failing UInt64, cover UInt64, first_at Int64, last_at DateTime64(6, 'UTC'), weakest UInt8,
    root_hashes Array(UInt64), root_grades Array(UInt8),
    object_hashes Array(UInt64), object_keys Array(String), grades Array(UInt8), vias Array(String), depths Array(UInt8), reverseds Array(UInt8)
) ENGINE = Memory
;
-- One row a revenue event: its own part in the stages; `firsts` are those of the stages of its own type.
CREATE TABLE IF NOT EXISTS work_owns {{on_cluster}} (
    process String, root_hash UInt64, root_type LowCardinality(String), root_id String, tail_hash UInt64, reversed UInt8,
    cancelled UInt8, failed UInt8, entered UInt8, done UInt64, firsts Array(Int64), first_us Int64, last_event_at DateTime64(6, 'UTC'),
    amount Nullable(Decimal(18, 4)), currency LowCardinality(String), customer String, contract String, project String, resource String,
    legal_entity LowCardinality(String), service_line LowCardinality(String), region LowCardinality(String),
    engagement LowCardinality(String), period LowCardinality(String), first_ok_at Nullable(DateTime64(6, 'UTC'))
) ENGINE = Memory
;
-- What all revenue events of one tail share that have done the same stages.
CREATE TABLE IF NOT EXISTS work_shapes {{on_cluster}} (
    process String, tail_hash UInt64, reversed UInt8, failed UInt8, done UInt64, complete Array(UInt8), starts Array(UInt8),
    states Array(LowCardinality(String)), waits Array(UInt8), stuck Array(Array(String)),
    own_places Array(UInt8),                       -- by stage: which of the stages of the root's own type it is; 0: none
    tail_reached Array(Int64), tail_last_done Array(Int64), tail_first_at Int64, tail_last_at DateTime64(6, 'UTC'), tail_weakest UInt8,
    tail_roots Array(UInt64), tail_root_grades Array(UInt8), tail_objects UInt32
) ENGINE = Memory
;
CREATE TABLE IF NOT EXISTS work_paths {{on_cluster}} (
    process String, root_hash UInt64, root_type LowCardinality(String), root_id String, tail_hash UInt64, reversed UInt8,
    cancelled UInt8, weakest UInt8, objects UInt32,
    reached Array(Int64), completed Array(Int64), complete Array(UInt8), clock_starts Array(Int64),
    states Array(LowCardinality(String)), stuck Array(String), started_at DateTime64(6, 'UTC'), last_at DateTime64(6, 'UTC'),
    amount Nullable(Decimal(18, 4)), currency LowCardinality(String), customer String, contract String, project String, resource String,
    legal_entity LowCardinality(String), service_line LowCardinality(String), region LowCardinality(String),
    engagement LowCardinality(String), period LowCardinality(String), first_ok_at Nullable(DateTime64(6, 'UTC'))
) ENGINE = Memory
