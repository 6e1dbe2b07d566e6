-- What anyone gets who makes such a table: the same columns, order and partitions, with codecs and settings of the engine's own.
CREATE TABLE engine_events ENGINE = MergeTree PARTITION BY toYear(occurred_at) ORDER BY (object_hash, occurred_at, source, event_id) AS
SELECT * FROM events LIMIT 0
