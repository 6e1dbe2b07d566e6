CREATE TABLE events_copy AS events ENGINE = MergeTree PARTITION BY toYear(occurred_at)
ORDER BY (object_hash, occurred_at, source, event_id) SETTINGS index_granularity = 1024
