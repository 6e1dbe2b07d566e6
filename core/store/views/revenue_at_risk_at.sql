-- after: close_backlog_at, close_fates_at, close_to_come_at, close_paces_at, hop_rates_at, hop_rests_at
-- What will miss the next books closes, by the step that it waits for: every open revenue event once, where it is stuck, and what is
-- still to come. docs/risk.md says how. Shares are of units that were made together; amounts are exact decimals.
CREATE OR REPLACE VIEW revenue_at_risk_at {{on_cluster}} AS
WITH
    -- Fewer units than these are no ground to judge by, as long as there are more of a like kind.
    8 AS units_min,
    -- Nine times out of ten, by Student's t: the fewer closes were seen, the less is known of how far they lie apart.
    [6.314, 2.92, 2.353, 2.132, 2.015, 1.943, 1.895, 1.86, 1.833, 1.812, 1.796, 1.782] AS student,
    judged AS (
        SELECT
            waiting.period AS period, waiting.books_close AS books_close, waiting.open_hours_left AS open_hours_left,
            waiting.legal_entity AS legal_entity, waiting.currency AS currency, waiting.process AS process, waiting.stage AS stage,
            waiting.position AS position, waiting.standing AS standing, waiting.roots AS roots, waiting.without_amount AS without_amount,
            waiting.amount AS amount, waiting.squares AS squares,
            dateDiff('second', {now:DateTime64(6, 'UTC')}, books_close) / 3600 AS hours_left,
            if(rate.clock = '', 'elapsed', rate.clock) AS clock,
            if(rate.clock = '', 72, rate.window_hours) AS window_hours,
            if(clock = 'business', open_hours_left, hours_left) AS clock_hours_left,
            rate.arrived AS arrived, rate.arrived_amount AS arrived_amount, rate.done AS done, rate.done_amount AS done_amount,
            rate.busiest_day AS busiest_day,
            pace.rates AS rates,
            coalesce(rest.rest_hours, 0) AS rest_hours,
            waiting.found AS found,
            -- The closest kind with enough of it; else, of what is late, everything that was as late; else whatever there is.
            arrayFirst(each -> each.2 >= units_min AND each.1 <= 3, arraySort(waiting.found)) AS near,
            arrayFirst(each -> each.2 > 0 AND (each.1 = 4 AND waiting.standing != 'on_time' OR each.1 = 3 AND waiting.standing = 'on_time'), waiting.found) AS wide,
            if(near.2 > 0, near, wide) AS ground
        FROM (
            SELECT
                asked.period AS period, asked.books_close AS books_close, asked.open_hours_left AS open_hours_left,
                asked.legal_entity AS legal_entity, asked.currency AS currency, asked.process AS process, asked.stage AS stage,
                asked.position AS position, asked.standing AS standing, any(asked.roots) AS roots, any(asked.without_amount) AS without_amount,
                any(asked.amount) AS amount, any(asked.squares) AS squares,
                groupArrayIf((fate.level, fate.units, fate.missed, fate.spread[1], fate.spread[2], fate.judged, fate.closes, fate.roots), fate.units > 0) AS found
            FROM (
                SELECT *, arrayJoin([(1, toString(legal_entity), toString(process), toString(stage)), (2, '', toString(process), toString(stage)),
                    (3, '', '', toString(stage)), (4, '', '', '')]) AS kin
                FROM close_backlog_at(now = {now:DateTime64(6, 'UTC')})
            ) AS asked
            LEFT JOIN close_fates_at(now = {now:DateTime64(6, 'UTC')}) AS fate
                ON fate.period = asked.period AND fate.level = kin.1 AND fate.legal_entity = kin.2 AND fate.process = kin.3
                    AND fate.stage = kin.4 AND fate.standing = asked.standing
            GROUP BY period, books_close, open_hours_left, legal_entity, currency, process, stage, position, standing
        ) AS waiting
        LEFT JOIN hop_rates_at(now = {now:DateTime64(6, 'UTC')}) AS rate
            ON rate.period = waiting.period AND rate.legal_entity = waiting.legal_entity AND rate.currency = waiting.currency AND rate.process = waiting.process
                AND rate.stage = waiting.stage AND rate.standing = if(waiting.standing = 'on_time', 'on_time', 'late')
        LEFT JOIN close_paces_at(now = {now:DateTime64(6, 'UTC')}) AS pace
            ON pace.period = waiting.period AND pace.legal_entity = waiting.legal_entity AND pace.currency = waiting.currency
                AND pace.process = waiting.process AND pace.stage = waiting.stage AND pace.standing = if(waiting.standing = 'on_time', 'on_time', 'late')
        LEFT JOIN hop_rests_at(now = {now:DateTime64(6, 'UTC')}) AS rest ON rest.process = waiting.process AND rest.stage = waiting.stage
    ),
    based AS (
        SELECT
            *,
            multiIf(ground.2 > 0, ['', 'same_step', 'same_kind', 'any_kind', 'any_step'][ground.1 + 1],
                standing != 'on_time' OR done > 0, 'present_rate', 'unknown') AS basis,
            concat(basis, '/', if(ground.1 <= 1, legal_entity, ''), '/', if(ground.1 <= 2, process, ''), '/', if(ground.1 <= 3, stage, ''),
                '/', standing) AS judged_with,
            if(ground.2 > 0, ground.3 / ground.2, 0.) AS share,
            -- What is more than a step has ever done on as many days cannot be done.
            if(standing = 'on_time' AND busiest_day > 0, greatest(0., 1 - busiest_day * greatest(ceil(open_hours_left / 8), 1) / roots), 0.) AS crowded,
            -- Without any close of the past: what is late stays, and what moves goes on at the rate of now.
            multiIf(
                basis = 'unknown', NULL,
                basis != 'present_rate', greatest(share, crowded),
                standing != 'on_time', 1.,
                greatest(0., 1 - greatest(clock_hours_left - rest_hours, 0) * done / window_hours / roots)) AS miss_share
        FROM judged
    ),
    -- A share is as sure as the units that it was seen on, and what becomes of ours as the units that its money is in.
    ranged AS (
        SELECT
            *,
            greatest(pow(toFloat64(sum(amount) OVER kin), 2) / greatest(sum(squares) OVER kin, 1) * if(ground.8 > 0, ground.2 / ground.8, 1), 1) AS own_units,
            if(ground.2 > 0, (ground.3 + 1) / (ground.2 + 2), 0.) AS likely,
            if(ground.2 > 0, student[least(greatest(ground.7, 1), 12)] * sqrt(likely * (1 - likely) * (1 / ground.2 + 1 / own_units)), 1.) AS width,
            if(basis IN ('unknown', 'present_rate'), 0.,
                greatest(least(share - width, if(ground.6 > 0, ground.4, 1.), assumeNotNull(miss_share)), 0.)) AS miss_share_low,
            if(basis IN ('unknown', 'present_rate'), 1.,
                least(greatest(share + width, if(ground.6 > 0, ground.5, 0.), assumeNotNull(miss_share)), 1.)) AS miss_share_high
        FROM based
        WINDOW kin AS (PARTITION BY period, currency, judged_with)
    )
SELECT
    period, books_close, hours_left, open_hours_left, legal_entity, currency, process, stage, position, standing,
    roots AS backlog, CAST(amount, 'Decimal(38, 4)') AS backlog_amount, without_amount,
    clock, window_hours, arrived, CAST(arrived_amount, 'Decimal(38, 4)') AS arrived_amount, done, CAST(done_amount, 'Decimal(38, 4)') AS done_amount,
    if(done = 0, NULL, roots * window_hours / done) AS drain_hours,
    if(empty(rates) OR greatest(rates[2], done / window_hours) <= 0, NULL, roots / greatest(rates[2], done / window_hours)) AS drain_hours_low,
    if(empty(rates) OR least(rates[1], done / window_hours) <= 0, NULL, roots / least(rates[1], done / window_hours)) AS drain_hours_high,
    rest_hours, basis, judged_with, toUInt16(ground.7) AS past_closes, toUInt64(ground.2) AS past_units,
    round(miss_share, 4) AS miss_share, round(miss_share_low, 4) AS miss_share_low, round(miss_share_high, 4) AS miss_share_high,
    if(miss_share IS NULL, NULL, CAST(round(amount * toDecimal128(assumeNotNull(ranged.miss_share), 6), 2), 'Decimal(38, 4)')) AS at_risk,
    CAST(round(amount * toDecimal128(ranged.miss_share_low, 6), 2), 'Decimal(38, 4)') AS at_risk_low,
    CAST(round(amount * toDecimal128(ranged.miss_share_high, 6), 2), 'Decimal(38, 4)') AS at_risk_high,
    CAST(0, 'Decimal(38, 4)') AS coming_amount
FROM ranged
UNION ALL
SELECT
    coming.period, day.books_close, dateDiff('second', {now:DateTime64(6, 'UTC')}, day.books_close) / 3600, day.open_hours_left,
    coming.legal_entity, coming.currency, '', '', 0, 'to_come',
    0, 0, 0, 'elapsed', 0, 0, 0, 0, 0, NULL, NULL, NULL, 0, 'same_step', concat('to_come/', coming.legal_entity), coming.closes, 0, NULL, NULL, NULL,
    CAST(coming.missing, 'Decimal(38, 4)'), CAST(coming.missing_low, 'Decimal(38, 4)'), CAST(coming.missing_high, 'Decimal(38, 4)'), CAST(coming.coming, 'Decimal(38, 4)')
FROM (
    SELECT coming.*, if(entity.calendar = '', 'default', toString(entity.calendar)) AS calendar
    FROM close_to_come_at(now = {now:DateTime64(6, 'UTC')}) AS coming
    LEFT JOIN calendar_entities AS entity ON entity.legal_entity = coming.legal_entity
) AS coming
INNER JOIN (
    SELECT DISTINCT calendar, period, books_close, open_hours_left FROM close_days_at(now = {now:DateTime64(6, 'UTC')})
) AS day ON day.calendar = coming.calendar AND day.period = coming.period
