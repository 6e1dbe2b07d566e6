-- How fresh the pages are: the newest event, when anything last came in, when paths were last computed, and what has come in since then.
SELECT
    (SELECT count() FROM v_events) AS events,
    (SELECT maxOrNull(occurred_at) FROM v_events WHERE occurred_at <= {now:DateTime64(6, 'UTC')}) AS occurred_at,
    (SELECT maxOrNullIf(admitted_at, rows > 0) FROM batches) AS arrived_at,
    (SELECT maxOrNull(finished_at) FROM wheel_turns) AS computed_at,
    count() AS waiting,
    minOrNull(admitted_at) AS waiting_since
FROM event_arrivals
WHERE batch > (SELECT max(batch) FROM wheel_turns) AND batch <= (SELECT max(batch) FROM batches)
