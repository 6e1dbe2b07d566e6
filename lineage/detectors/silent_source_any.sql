SELECT count() FROM sources WHERE expected_every_seconds > 0 AND name IN (SELECT source FROM work_sources)
