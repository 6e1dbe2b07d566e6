-- Where all revenue events stand, in one pass: the page adds up what its cards and charts show.
-- A row is small and there are some hundreds of them, whatever the number of revenue events.
SELECT
    legal_entity,
    process,
    currency,
    state,
    next_stage,
    cutoff_at,
    awaited,
    count() AS paths,
    countIf(isNull(net)) AS without_amount,
    coalesce(sum(net), 0) AS amount,
    countIf(coming) AS due_soon,
    coalesce(sumIf(net, coming), 0) AS due_soon_amount
FROM (
    SELECT
        *,
        state = 'in_flight' AND due_at < {now:DateTime64(6, 'UTC')} + INTERVAL 1 DAY AS coming,
        -- The stage that the close asks for is not done: what waits behind it keeps no books open.
        stage_states[transform(process, (SELECT groupArray(process) FROM v_cutoffs), (SELECT groupArray(position) FROM v_cutoffs), 0)]
            IN ('pending', 'overdue', 'failed') AS awaited
    FROM paths_at(now = {now:DateTime64(6, 'UTC')})
)
GROUP BY legal_entity, process, currency, state, next_stage, cutoff_at, awaited
ORDER BY legal_entity, process, currency, state, next_stage, cutoff_at, awaited
