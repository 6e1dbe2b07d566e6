-- Lineage: what a line of a control counted over time, so that a break which is over can be told from the data. Everything here is
-- derived and can be made again (revtrace rebuild).

-- What there is gets its new column by a rebuild, which also forgets what superseded events said; without any turn there is
-- nothing to rebuild.
INSERT INTO wheel_turns (turn, batch, config, kind, started_at, finished_at, watermark)
SELECT turn + 1, batch, '', 'begun', started_at, finished_at, watermark FROM wheel_turns ORDER BY turn DESC LIMIT 1
;
-- By how much the line changed with each event, in order: they add up to its amount. Beside the line and no rows of their own, so
-- that they are replaced with it.
ALTER TABLE control_lines {{on_cluster}} ADD COLUMN IF NOT EXISTS
    moves Array(Tuple(at DateTime64(6, 'UTC'), amount Decimal(38, 4), event_id String)) CODEC(ZSTD(1))
;
DROP TABLE IF EXISTS work_control_lines {{on_cluster}} SYNC
;
CREATE TABLE IF NOT EXISTS work_control_lines {{on_cluster}} (
    contract_hash UInt64, contract String, money UInt16, currency String, legal_entity String, period String, object_hash UInt64,
    object String, amount Decimal(38, 4), occurred_at DateTime64(6, 'UTC'), event_id String,
    moves Array(Tuple(at DateTime64(6, 'UTC'), amount Decimal(38, 4), event_id String))
) ENGINE = Memory
;
-- The identity (source, event id) of every event with the day and the begin of the hash of what it says: where one has two, the
-- collector's own table knows more by that key. Looked up by identity, which no other table is ordered by. Days and not objects
-- beside it, since two bytes and four cost a seventh of what hashes would. A superset, since superseded events stay.
-- Engine: ReplacingMergeTree, since rows are only added but may be added twice. Order: the identity that it is looked up by. Partition:
-- none, as nothing goes by age. Codecs: identities lie sorted, Delta; no codec makes a hash smaller.
CREATE TABLE IF NOT EXISTS event_versions {{on_cluster}} (
    identity UInt64 CODEC(Delta, ZSTD(1)),
    day Date CODEC(ZSTD(1)),
    content UInt32 CODEC(NONE)
) ENGINE = {{engine:ReplacingMergeTree()}} ORDER BY (identity, day, content) SETTINGS index_granularity = 1024
