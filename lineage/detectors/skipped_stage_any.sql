-- Whether a stage was passed over by any of the revenue events, made up for since or not.
WITH 9223372036854775807 AS never
SELECT count() FROM work_paths
WHERE has(states, 'skipped') OR arrayExists((at, place) -> at < never AND arrayExists(
    (done, later) -> later > place AND done > 0 AND done < at, completed, arrayEnumerate(completed)), reached, arrayEnumerate(reached))
