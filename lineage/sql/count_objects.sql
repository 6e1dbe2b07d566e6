SELECT uniq(object_hash) FROM events
