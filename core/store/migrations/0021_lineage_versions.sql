-- Lineage: what two events of one identity are found by. Derived, and can be made again (revtrace rebuild).

-- What there is gets its rows by a rebuild; without any turn there is nothing to rebuild.
INSERT INTO wheel_turns (turn, batch, config, kind, started_at, finished_at, watermark)
SELECT turn + 1, batch, '', 'begun', started_at, finished_at, watermark FROM wheel_turns ORDER BY turn DESC LIMIT 1
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
