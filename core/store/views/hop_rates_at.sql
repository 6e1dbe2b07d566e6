-- How fast each step of every kind of revenue works just now, by fiscal period: what came to it and what it did within the last three working days of
-- its calendar (the last 72 hours for a step whose limit runs day and night), the most it did on one day of the last 100, and how
-- long it takes from its completion to the stage of the cutoff. On time and late are told apart by the due instant of the step.
CREATE OR REPLACE VIEW hop_rates_at {{on_cluster}} AS
WITH
    windows AS (
        SELECT calendar, toInt64(toUnixTimestamp64Micro(hours.opens) + target_us - hours.before_us) AS open_from_us
        FROM (
            SELECT calendar, argMax(before_us + least(toUnixTimestamp64Micro({now:DateTime64(6, 'UTC')}), toUnixTimestamp64Micro(closes))
                - toUnixTimestamp64Micro(opens), opens) - 24 * 3600000000 AS target_us
            FROM calendar_hours
            WHERE opens <= {now:DateTime64(6, 'UTC')}
            GROUP BY calendar
        ) AS reached
        ASOF INNER JOIN calendar_hours AS hours ON hours.calendar = reached.calendar AND hours.before_us < reached.target_us
    )
SELECT
    period, legal_entity, currency, process, stage, standing,
    any(clock) AS clock,
    any(window_hours) AS window_hours,
    sum(arrived_roots) AS arrived, sum(arrived_money) AS arrived_amount,
    sum(done_roots) AS done, sum(done_money) AS done_amount,
    max(max(day_roots)) OVER (PARTITION BY legal_entity, currency, process, stage, standing) AS busiest_day
FROM (
    SELECT
        period, legal_entity, currency, process, stage, standing, toDate(assumeNotNull(done_at)) AS day,
        any(if(business, 'business', 'elapsed')) AS clock,
        any(if(business, 24, 72)) AS window_hours,
        countIf(came_at > since AND came_at <= {now:DateTime64(6, 'UTC')}) AS arrived_roots,
        sumIf(coalesce(amount, 0), came_at > since AND came_at <= {now:DateTime64(6, 'UTC')}) AS arrived_money,
        countIf(done_at > since) AS done_roots,
        sumIf(coalesce(amount, 0), done_at > since) AS done_money,
        countIf(done_at IS NOT NULL) AS day_roots
    FROM (
        SELECT
            path.period AS period, path.legal_entity AS legal_entity, path.currency AS currency, path.process AS process, path.amount AS amount, place,
            path.stages[place] AS stage, path.dues[place] AS due, path.clock_starts[place] AS started, rule.business AS business,
            if(rule.business, fromUnixTimestamp64Micro(coalesce(span.open_from_us, 0), 'UTC'), {now:DateTime64(6, 'UTC')} - INTERVAL 72 HOUR) AS since,
            -- A step that took too long was one of those on time first, and one of those that are late from its due instant on.
            arrayJoin(if(due IS NOT NULL AND assumeNotNull(due) < coalesce(path.completed[place], {now:DateTime64(6, 'UTC')}), [('on_time', 0), ('late', 1)], [('on_time', 1)])) AS lane,
            lane.1 AS standing,
            if(lane.2 = 1 AND path.completed[place] <= {now:DateTime64(6, 'UTC')}, path.completed[place], NULL) AS done_at,
            if(standing = 'late', due, started) AS came_at
        FROM (
            SELECT path.*, if(entity.calendar = '', 'default', toString(entity.calendar)) AS calendar
            FROM (
                SELECT *, arrayJoin(arrayEnumerate(stages)) AS place
                FROM paths FINAL
                WHERE NOT deleted AND NOT cancelled AND last_event_at > {now:DateTime64(6, 'UTC')} - INTERVAL 100 DAY
            ) AS path
            LEFT JOIN calendar_entities AS entity ON entity.legal_entity = path.legal_entity
        ) AS path
        INNER JOIN process_stages AS rule ON rule.process = path.process AND rule.position = path.place
        LEFT JOIN windows AS span ON span.calendar = path.calendar
        WHERE rule.required
    )
    GROUP BY period, legal_entity, currency, process, stage, standing, day
)
GROUP BY period, legal_entity, currency, process, stage, standing
