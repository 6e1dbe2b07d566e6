-- after: close_days_at
-- Revenue events of periods whose books are closed, as they stood when the close was as far ahead as the next one is now, and
-- whether they made it: what is said of the next close is read from these.
CREATE OR REPLACE VIEW close_passages_at {{on_cluster}} AS
WITH (
    SELECT mapFromArrays(groupArray(entity), groupArray(first_at))
    FROM (SELECT toString(legal_entity) AS entity, min(started_at) AS first_at FROM paths FINAL WHERE NOT deleted GROUP BY entity)
) AS begun
SELECT
    period, past_period, past_close, past_at, past_window_at, calendar, legal_entity, process, currency, amount, unit, stages, completed, dues, steps, cutoff_place,
    -- The first step that was not through then; 0: through already.
    if(is_through, 0, arrayFirstIndex((is_open, done) -> is_open AND (done IS NULL OR assumeNotNull(done) > past_at), steps, completed)) AS place_then,
    if(place_then = 0, '', stages[place_then]) AS stage,
    if(place_then > 0, dues[place_then], NULL) AS due_then,
    multiIf(due_then IS NULL OR assumeNotNull(due_then) >= past_at, 'on_time', assumeNotNull(due_then) >= past_day_ago_at, 'late', 'stuck') AS standing,
    started_at <= past_at AS known,
    cutoff_done IS NULL OR assumeNotNull(cutoff_done) > past_close AS missed
FROM (
    SELECT
        day.period AS period, day.past_period AS past_period, day.past_close AS past_close, assumeNotNull(day.past_at) AS past_at,
        day.past_day_ago_at AS past_day_ago_at, day.past_window_at AS past_window_at, day.calendar AS calendar,
        path.legal_entity AS legal_entity, path.process AS process, path.currency AS currency, path.amount AS amount,
        -- What was made together makes it together.
        if(path.tail_hash = 0, path.root_hash, path.tail_hash) AS unit,
        path.stages AS stages, path.completed AS completed, path.dues AS dues, path.started_at AS started_at,
        rule.cutoff_place AS cutoff_place,
        arrayMap((state, is_required, at) -> is_required = 1 AND state != 'skipped' AND at <= cutoff_place,
            path.states, path.required, arrayEnumerate(path.states)) AS steps,
        path.completed[cutoff_place] AS cutoff_done,
        cutoff_done IS NOT NULL AND assumeNotNull(cutoff_done) <= past_at AS is_through
    FROM (
        SELECT path.*, if(entity.calendar = '', 'default', toString(entity.calendar)) AS calendar
        FROM (
            SELECT *
            FROM paths FINAL
            WHERE NOT deleted AND NOT cancelled AND cutoff_at <= {now:DateTime64(6, 'UTC')}
        ) AS path
        LEFT JOIN calendar_entities AS entity ON entity.legal_entity = path.legal_entity
    ) AS path
    INNER JOIN (
        SELECT process, position AS cutoff_place FROM process_stages WHERE is_cutoff
    ) AS rule ON rule.process = path.process
    INNER JOIN (
        SELECT * FROM close_days_at(now = {now:DateTime64(6, 'UTC')}) WHERE past_at IS NOT NULL
    ) AS day ON day.calendar = path.calendar AND day.past_close = path.cutoff_at
    -- An entity that had not begun to send by then says nothing of that close.
    WHERE path.states[cutoff_place] != 'skipped' AND begun[path.legal_entity] <= day.past_at
)
