-- How fresh the pages are: the newest event, when it was received, and when paths were last computed.
SELECT *
FROM
(
    SELECT
        count() AS events,
        maxOrNullIf(occurred_at, occurred_at <= {now:DateTime64(6, 'UTC')}) AS occurred_at,
        maxOrNull(admitted_at) AS admitted_at
    FROM v_events
) AS told,
(
    SELECT count() AS paths, maxOrNull(refreshed_at) AS refreshed_at
    FROM paths_at(now = {now:DateTime64(6, 'UTC')})
) AS known
