-- How many of the objects that may be revenue events are some, with a path, and how many are none.
SELECT (SELECT count() FROM work_paths) AS paths, (SELECT count() FROM work_roots) - paths AS unprocessed
