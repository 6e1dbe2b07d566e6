-- How many of the revenue events no process takes.
SELECT (SELECT count() FROM work_roots) - (SELECT count() FROM work_paths)
