SELECT
    (SELECT max(turn) FROM wheel_turns) AS turn,
    (SELECT argMax(finished_at, turn) FROM wheel_turns) AS refreshed_at,
    (SELECT argMax(watermark, turn) FROM wheel_turns) AS watermark,
    (SELECT count() FROM batches WHERE batch > (SELECT argMax(batch, turn) FROM wheel_turns)) AS batches_waiting,
    (SELECT sum(rows) FROM batches WHERE batch > (SELECT argMax(batch, turn) FROM wheel_turns)) AS events_waiting
