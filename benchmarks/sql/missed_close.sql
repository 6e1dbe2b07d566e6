-- What belongs to a books close, and what of it was not through when the books closed; known: by an instant before it.
SELECT
    stage.currency AS currency,
    sum(coalesce(stage.amount, 0)) AS amount,
    sumIf(coalesce(stage.amount, 0), missed) AS missed_amount,
    sumIf(coalesce(stage.amount, 0), missed AND known) AS missed_known
FROM (
    SELECT currency, amount,
        completed_at IS NULL OR assumeNotNull(completed_at) > assumeNotNull(cutoff_at) AS missed,
        root_hash IN (
            SELECT root_hash FROM paths_at(now = {now:DateTime64(6, 'UTC')}) WHERE started_at <= {asked:DateTime64(6, 'UTC')}
        ) AS known
    FROM path_stages_at(now = {now:DateTime64(6, 'UTC')})
    WHERE path_state != 'cancelled' AND cutoff_at = {close:DateTime64(6, 'UTC')} AND state != 'skipped'
        AND (process, stage) IN (SELECT process, stage FROM process_stages WHERE is_cutoff)
) AS stage
GROUP BY currency
ORDER BY currency
