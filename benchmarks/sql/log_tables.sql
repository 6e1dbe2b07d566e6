SELECT name FROM log.sqlite_schema WHERE type = 'table' ORDER BY name
