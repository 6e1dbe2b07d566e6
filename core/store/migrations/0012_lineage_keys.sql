-- Lineage: whatever is asked for by a key is found by it. Everything here is derived and can be made again (revtrace rebuild).
--
-- Bloom filters and not tables of their own: paths are looked up by what they belong to only by people, one key at a time, so it
-- is enough to know which granules cannot hold it. Findings of a path are found by the ids and the objects they are about.

-- What there is gets its filters by a rebuild; without any turn there is nothing to rebuild.
INSERT INTO wheel_turns (turn, batch, config, kind, started_at, finished_at, watermark)
SELECT turn + 1, batch, '', 'begun', started_at, finished_at, watermark FROM wheel_turns ORDER BY turn DESC LIMIT 1
;
-- Every object type there is: an id without its type is looked up under each. A few dozen rows, told again by every process.
-- Engine: ReplacingMergeTree, since rows are only added but may be added twice; order: the type; no partition, default codecs.
CREATE TABLE IF NOT EXISTS object_types {{on_cluster}} (
    object_type LowCardinality(String)
) ENGINE = {{engine:ReplacingMergeTree()}} ORDER BY object_type
;
ALTER TABLE paths {{on_cluster}} ADD INDEX IF NOT EXISTS by_context [contract, project, customer] TYPE bloom_filter(0.01) GRANULARITY 1
;
ALTER TABLE objects {{on_cluster}} ADD INDEX IF NOT EXISTS by_context [contract, project, customer] TYPE bloom_filter(0.01) GRANULARITY 1
;
ALTER TABLE finding_rows {{on_cluster}}
    ADD INDEX IF NOT EXISTS by_finding finding_id TYPE bloom_filter(0.01) GRANULARITY 1,
    ADD INDEX IF NOT EXISTS by_object object TYPE bloom_filter(0.01) GRANULARITY 1
;
-- Work table of one detector's run: the subjects that are worth a closer look.
CREATE TABLE IF NOT EXISTS work_doubts {{on_cluster}} (object_hash UInt64) ENGINE = Memory
