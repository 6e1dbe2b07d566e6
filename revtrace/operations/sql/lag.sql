-- What has been committed and not been taken in by the wheel. Its last turn says how far it has come.
SELECT
    (SELECT argMax(batch, turn) FROM wheel_turns) AS taken_to_batch,
    (SELECT argMax(config, turn) FROM wheel_turns) AS config,
    (SELECT argMax(finished_at, turn) FROM wheel_turns) AS finished_at,
    -- On a server: who has the newest epoch of the wheel and has not given it back.
    (SELECT any(holder) FROM wheel_epochs WHERE epoch = (SELECT max(epoch) FROM wheel_epochs) HAVING NOT max(released)) AS turned_by,
    count() AS events_waiting,
    if(count() = 0, NULL, min(admitted_at)) AS waiting_since
FROM event_arrivals
WHERE batch > (SELECT max(batch) FROM wheel_turns) AND batch <= (SELECT max(batch) FROM batches)
