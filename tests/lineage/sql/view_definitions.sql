-- What each view on events makes of them, in the server's own words.
SELECT name, replaceRegexpAll(as_select, '\\s+', ' ') AS made
FROM system.tables
WHERE database = currentDatabase() AND engine = 'MaterializedView'
ORDER BY name
