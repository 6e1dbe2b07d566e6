-- after: path_stages_at
-- Every stage of every path as it stands at an instant, with how long it took: waiting and working, by the clock and in open hours.
-- An attempt is an ok, failed or retrying event of the stage's actions. Apart from `path_stages_at`, which is read more often and
-- needs neither the attempts nor the calendars.
CREATE OR REPLACE VIEW path_latencies_at {{on_cluster}} AS
WITH
    -- First attempts that were no success: few objects have any. Events name an object by any of its names.
    tries AS (
        SELECT if(class.class_hash = 0, tried.object_hash, class.class_hash) AS object_hash, toString(tried.object_type) AS object_type,
            toString(tried.action) AS action, min(tried.first_at) AS first_at
        FROM (
            SELECT object_hash, object_type, action, min(occurred_at) AS first_at
            FROM events
            WHERE outcome IN ('failed', 'retrying')
            GROUP BY object_hash, object_type, action
        ) AS tried
        LEFT JOIN (SELECT object_hash, class_hash FROM alias_classes FINAL) AS class ON class.object_hash = tried.object_hash
        GROUP BY object_hash, object_type, action
    ),
    root_tries AS (
        SELECT object_hash, groupArray((object_type, action, first_at)) AS tried FROM tries GROUP BY object_hash
    ),
    tail_tries AS (
        SELECT held.tail_hash AS tail_hash, groupArrayArray(root_tries.tried) AS tried
        FROM (
            SELECT tail_hash, object_hash
            FROM (SELECT tail_hash, object_hashes, reverseds FROM tails FINAL)
            ARRAY JOIN object_hashes AS object_hash, reverseds AS reversed
            WHERE NOT reversed AND object_hash IN (SELECT object_hash FROM tries)
        ) AS held
        INNER JOIN root_tries ON root_tries.object_hash = held.object_hash
        GROUP BY tail_hash
    ),
    hours AS (SELECT calendar AS its_calendar, opens, closes, before_us FROM calendar_hours),
    timed AS (
        SELECT told.*,
            arrayFilter(attempt -> attempt.1 = told.object_type AND has(declared.actions, attempt.2),
                arrayConcat(if(has(told.objects, told.root), of_root.tried, []), of_tail.tried)) AS tried,
            if(empty(tried), told.reached_at, arrayMin(attempt -> attempt.3, tried)) AS first_try,
            if(told.reached_at < first_try, told.reached_at, first_try) AS attempted_at,
            toUnixTimestamp64Micro(ifNull(told.started_at, toDateTime64(0, 6, 'UTC'))) AS started_us,
            toUnixTimestamp64Micro(ifNull(told.completed_at, toDateTime64(0, 6, 'UTC'))) AS completed_us,
            told.completed_at IS NOT NULL AND told.started_at IS NOT NULL AS is_timed,
            -- What was tried before the clock started counts from its start.
            greatest(started_us, least(completed_us, toUnixTimestamp64Micro(ifNull(attempted_at, toDateTime64(0, 6, 'UTC'))))) AS worked_us,
            if(entity.calendar = '', 'default', toString(entity.calendar)) AS calendar,
            fromUnixTimestamp64Micro(started_us, 'UTC') AS from_at,
            fromUnixTimestamp64Micro(worked_us, 'UTC') AS work_at,
            fromUnixTimestamp64Micro(completed_us, 'UTC') AS to_at
        FROM path_stages_at(now = {now:DateTime64(6, 'UTC')}) AS told
        LEFT JOIN (SELECT process AS its_process, position AS its_position, actions FROM process_stages) AS declared
            ON declared.its_process = told.process AND declared.its_position = told.position
        LEFT JOIN root_tries AS of_root ON of_root.object_hash = told.root_hash
        LEFT JOIN (SELECT tail_hash AS its_tail, tried FROM tail_tries) AS of_tail ON of_tail.its_tail = told.tail_hash
        LEFT JOIN (SELECT legal_entity AS its_entity, calendar FROM calendar_entities) AS entity ON entity.its_entity = told.legal_entity
    ),
    -- Open time since the calendar's beginning, at each of the three instants.
    opened_from AS (
        SELECT timed.*, hours.before_us + least(started_us, toUnixTimestamp64Micro(hours.closes)) - toUnixTimestamp64Micro(hours.opens) AS open_from_us
        FROM timed
        ASOF LEFT JOIN hours ON hours.its_calendar = timed.calendar AND hours.opens <= timed.from_at
    ),
    opened_work AS (
        SELECT timed.*, hours.before_us + least(worked_us, toUnixTimestamp64Micro(hours.closes)) - toUnixTimestamp64Micro(hours.opens) AS open_work_us
        FROM opened_from AS timed
        ASOF LEFT JOIN hours ON hours.its_calendar = timed.calendar AND hours.opens <= timed.work_at
    ),
    opened_to AS (
        SELECT timed.*, hours.before_us + least(completed_us, toUnixTimestamp64Micro(hours.closes)) - toUnixTimestamp64Micro(hours.opens) AS open_to_us
        FROM opened_work AS timed
        ASOF LEFT JOIN hours ON hours.its_calendar = timed.calendar AND hours.opens <= timed.to_at
    )
SELECT
    root_hash, root, process, legal_entity, service_line, contract, customer, currency, amount, path_state, position, stage, object_type, required,
    state, reached_at, completed_at, started_at, due_at, latency_seconds, objects, stuck_object, period, cutoff_at, last_event_at, engagement,
    attempted_at,
    if(is_timed, (worked_us - started_us) / 1000000, NULL) AS wait_seconds,
    if(is_timed, greatest(0, completed_us - worked_us) / 1000000, NULL) AS work_seconds,
    if(is_timed, (open_to_us - open_from_us) / 1000000, NULL) AS business_seconds,
    if(is_timed, (open_work_us - open_from_us) / 1000000, NULL) AS business_wait_seconds,
    if(is_timed, greatest(0, open_to_us - open_work_us) / 1000000, NULL) AS business_work_seconds,
    tail_hash, calendar
FROM opened_to
