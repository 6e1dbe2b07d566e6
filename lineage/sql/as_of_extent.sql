-- What was there at an instant: its last whole commit. Beside it: which commits the wheel has taken since, and with which
-- declarations it worked at that instant; '' when it had not turned yet.
SELECT
    (SELECT max(batch) FROM batches WHERE admitted_at <= {at:DateTime64(6, 'UTC')}) AS batch,
    (SELECT max(batch) FROM wheel_turns) AS taken,
    (SELECT argMax(config, turn) FROM wheel_turns WHERE finished_at <= {at:DateTime64(6, 'UTC')} AND kind != 'begun') AS config
