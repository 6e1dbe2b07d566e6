-- `known`: there may be something of it from before this turn; what is not is not looked for in what was written before.
DROP TABLE IF EXISTS work_members {{on_cluster}} SYNC
;
CREATE TABLE IF NOT EXISTS work_members {{on_cluster}} (
    object_hash UInt64, class_hash UInt64, object_type LowCardinality(String), object_id String, class_id String, known UInt8
) ENGINE = Memory
