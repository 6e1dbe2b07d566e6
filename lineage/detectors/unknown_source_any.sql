SELECT count() FROM work_sources WHERE source NOT IN (SELECT name FROM sources FINAL WHERE role NOT IN ('', 'unknown'))
