SELECT count() FROM events_shard
