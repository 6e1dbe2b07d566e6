-- All that belongs to the next books closes, through or not.
SELECT
    day.period AS period, path.currency AS currency, day.books_close AS books_close, path.legal_entity AS legal_entity,
    count() AS roots,
    sum(toDecimal128(coalesce(path.net, 0), 4)) AS amount,
    countIf(path.stage_states[rule.cutoff_place] NOT IN ('pending', 'overdue', 'failed')) AS through_roots,
    sumIf(toDecimal128(coalesce(path.net, 0), 4), path.stage_states[rule.cutoff_place] NOT IN ('pending', 'overdue', 'failed')) AS through_amount
FROM (
    SELECT path.*, if(entity.calendar = '', 'default', toString(entity.calendar)) AS calendar
    FROM (
        SELECT process, legal_entity, currency, net, cutoff_at, stage_states
        FROM paths_at(now = {now:DateTime64(6, 'UTC')})
        WHERE state != 'cancelled' AND cutoff_at > {now:DateTime64(6, 'UTC')}
    ) AS path
    LEFT JOIN calendar_entities AS entity ON entity.legal_entity = path.legal_entity
) AS path
INNER JOIN (
    SELECT process, position AS cutoff_place FROM process_stages WHERE is_cutoff
) AS rule ON rule.process = path.process
INNER JOIN (
    SELECT DISTINCT calendar, period, books_close FROM close_days_at(now = {now:DateTime64(6, 'UTC')})
) AS day ON day.calendar = path.calendar AND day.books_close = path.cutoff_at
WHERE ({period:String} = '' OR day.period = {period:String})
    AND ({entity:String} = '' OR path.legal_entity = {entity:String})
    AND ({process:String} = '' OR path.process = {process:String})
GROUP BY period, currency, books_close, legal_entity
ORDER BY books_close, period, currency, legal_entity
