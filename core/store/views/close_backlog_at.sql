-- after: paths_at, close_days_at
-- What is open of the next books closes, by the step that it waits for: every revenue event once. Stuck is what is past its due
-- instant by more than eight open hours, late what is past it or failed, everything else is on time.
CREATE OR REPLACE VIEW close_backlog_at {{on_cluster}} AS
SELECT
    period, books_close, any(open_left) AS open_hours_left, legal_entity, currency, process, stage, any(place) AS position, standing,
    count() AS roots, countIf(net IS NULL) AS without_amount, sum(toDecimal128(coalesce(net, 0), 4)) AS amount, sum(pow(toFloat64(coalesce(net, 0)), 2)) AS squares
FROM (
    SELECT
        day.period AS period, day.books_close AS books_close, day.open_hours_left AS open_left, path.legal_entity AS legal_entity,
        path.currency AS currency, path.process AS process, path.next_stage AS stage, path.next_place AS place, path.net AS net,
        multiIf(
            path.due_at IS NOT NULL AND assumeNotNull(path.due_at) < day.day_ago_at, 'stuck',
            path.stage_states[path.next_place] = 'pending', 'on_time', 'late') AS standing
    FROM (
        SELECT path.*, if(entity.calendar = '', 'default', toString(entity.calendar)) AS calendar
        FROM (
            SELECT process, legal_entity, currency, net, cutoff_at, next_stage, due_at, next_place, stage_states
            FROM paths_at(now = {now:DateTime64(6, 'UTC')})
            WHERE state IN ('failed', 'overdue', 'in_flight') AND cutoff_at > {now:DateTime64(6, 'UTC')} AND next_place > 0
        ) AS path
        LEFT JOIN calendar_entities AS entity ON entity.legal_entity = path.legal_entity
    ) AS path
    INNER JOIN (SELECT process, position AS cutoff_place FROM process_stages WHERE is_cutoff) AS rule ON rule.process = path.process
    INNER JOIN (
        SELECT DISTINCT calendar, period, books_close, open_hours_left, day_ago_at FROM close_days_at(now = {now:DateTime64(6, 'UTC')})
    ) AS day ON day.calendar = path.calendar AND day.books_close = path.cutoff_at
    WHERE path.next_place <= rule.cutoff_place AND path.stage_states[rule.cutoff_place] IN ('pending', 'overdue', 'failed')
)
GROUP BY period, books_close, legal_entity, currency, process, stage, standing
