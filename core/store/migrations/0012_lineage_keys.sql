-- Lineage: whatever is asked for by a key is found by it. Everything here is derived and can be made again (revtrace rebuild).
--
-- Bloom filters and not tables of their own: paths are looked up by what they belong to only by people, one key at a time, so it
-- is enough to know which granules cannot hold it. `(finding_id, object)` are the keys that a path's findings are found by.

-- Every object type there is: an id without its type is looked up under each. A few dozen rows, told again by every process.
CREATE TABLE IF NOT EXISTS object_types {{on_cluster}} (
    object_type LowCardinality(String)
) ENGINE = {{engine:ReplacingMergeTree()}} ORDER BY object_type
;
INSERT INTO object_types (object_type) SELECT DISTINCT object_type FROM objects
;
ALTER TABLE paths {{on_cluster}} ADD INDEX IF NOT EXISTS by_context [contract, project, customer] TYPE bloom_filter(0.01) GRANULARITY 1
;
ALTER TABLE objects {{on_cluster}} ADD INDEX IF NOT EXISTS by_context [contract, project, customer] TYPE bloom_filter(0.01) GRANULARITY 1
;
ALTER TABLE finding_rows {{on_cluster}} ADD INDEX IF NOT EXISTS by_finding finding_id TYPE bloom_filter(0.01) GRANULARITY 1
;
ALTER TABLE finding_rows {{on_cluster}} ADD INDEX IF NOT EXISTS by_object object TYPE bloom_filter(0.01) GRANULARITY 1
;
-- What there is already gets them in the background.
ALTER TABLE paths {{on_cluster}} MATERIALIZE INDEX by_context
;
ALTER TABLE objects {{on_cluster}} MATERIALIZE INDEX by_context
;
ALTER TABLE finding_rows {{on_cluster}} MATERIALIZE INDEX by_finding
;
ALTER TABLE finding_rows {{on_cluster}} MATERIALIZE INDEX by_object
;
-- Work table of one detector's run: the subjects that are worth a closer look.
CREATE TABLE IF NOT EXISTS work_doubts {{on_cluster}} (object_hash UInt64) ENGINE = Memory
