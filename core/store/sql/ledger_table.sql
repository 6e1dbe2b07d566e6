CREATE TABLE IF NOT EXISTS schema_ledger {{on_cluster}} (
    part LowCardinality(String),            -- 'migration' or 'view'
    name String,                            -- 0001_collector, v_events
    number UInt32,                          -- of a migration; 0 for a view
    sha256 String,
    status LowCardinality(String),          -- in_progress, completed
    changed_at DateTime64(6, 'UTC')
) ENGINE = {{engine:MergeTree()}}
ORDER BY (part, name)  -- a few dozen rows, read whole: no partition, default codecs
