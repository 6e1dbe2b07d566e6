-- The books closes that lie ahead of every calendar, of periods that have begun, each with the instants that lay as far before the closes of the past: as much open time
-- ahead, and as far outside of open hours. `past_at` is NULL where there is no close of the past; the `day_ago` ones are eight open hours
-- earlier, `past_window_at` is 24 earlier.
CREATE OR REPLACE VIEW close_days_at {{on_cluster}} AS
WITH
    toUnixTimestamp64Micro({now:DateTime64(6, 'UTC')}) AS now_us,
    clocks AS (
        SELECT
            calendar,
            argMax(before_us + least(now_us, toUnixTimestamp64Micro(closes)) - toUnixTimestamp64Micro(opens), opens) AS open_us,
            argMax(greatest(now_us - toUnixTimestamp64Micro(closes), 0), opens) AS closed_us
        FROM calendar_hours
        WHERE opens <= {now:DateTime64(6, 'UTC')}
        GROUP BY calendar
    ),
    closings AS (
        SELECT
            closing.calendar AS calendar, closing.period AS period, closing.books_close AS books_close,
            hours.before_us + least(toUnixTimestamp64Micro(closing.books_close), toUnixTimestamp64Micro(hours.closes))
                - toUnixTimestamp64Micro(hours.opens) AS open_us
        FROM (
            SELECT calendar, period, books_close
            FROM calendar_periods
            -- Of a period that has not begun there is nothing to say.
            WHERE starts <= {now:DateTime64(6, 'UTC')} AND books_close > {now:DateTime64(6, 'UTC')} - INTERVAL 500 DAY AND books_close < {now:DateTime64(6, 'UTC')} + INTERVAL 200 DAY
        ) AS closing
        ASOF INNER JOIN calendar_hours AS hours ON hours.calendar = closing.calendar AND hours.opens <= closing.books_close
    ),
    pairs AS (
        SELECT
            ahead.calendar AS calendar, ahead.period AS period, ahead.books_close AS books_close, ahead.left_us AS left_us,
            ahead.closed_us AS closed_us, ahead.open_us AS open_us, past.period AS past_period, past.books_close AS past_close, past.open_us - ahead.left_us AS target_us
        FROM (
            SELECT closings.calendar AS calendar, period, books_close, greatest(closings.open_us - clocks.open_us, 0) AS left_us, closed_us,
                clocks.open_us AS open_us
            FROM closings
            INNER JOIN clocks ON clocks.calendar = closings.calendar
            WHERE books_close > {now:DateTime64(6, 'UTC')}
            ORDER BY calendar, books_close
            LIMIT 3 BY calendar
        ) AS ahead
        LEFT JOIN (
            SELECT calendar, period, books_close, open_us
            FROM closings
            WHERE books_close <= {now:DateTime64(6, 'UTC')}
            ORDER BY calendar, books_close DESC
            LIMIT 12 BY calendar
        ) AS past ON past.calendar = ahead.calendar
    )
SELECT
    dated.calendar AS calendar,
    toString(dated.period) AS period,
    dated.books_close AS books_close,
    dated.left_us / 3600000000 AS open_hours_left,
    fromUnixTimestamp64Micro(toUnixTimestamp64Micro(day_ago.opens) + dated.open_us - 28800000000 - day_ago.before_us, 'UTC') AS day_ago_at,
    toString(dated.past_period) AS past_period,
    dated.past_close AS past_close,
    if(dated.past_period = '', NULL, fromUnixTimestamp64Micro(least(
        dated.same_us + dated.closed_us,
        if(opening.calendar = '', dated.same_us, toUnixTimestamp64Micro(opening.opens)),
        toUnixTimestamp64Micro(dated.past_close)), 'UTC')) AS past_at,
    fromUnixTimestamp64Micro(toUnixTimestamp64Micro(past_day_ago.opens) + dated.target_us - 28800000000 - past_day_ago.before_us, 'UTC') AS past_day_ago_at,
    fromUnixTimestamp64Micro(toUnixTimestamp64Micro(past_window.opens) + dated.target_us - 86400000000 - past_window.before_us, 'UTC') AS past_window_at
FROM (
    SELECT pairs.*, toUnixTimestamp64Micro(hours.opens) + pairs.target_us - hours.before_us AS same_us,
        pairs.target_us - 28800000000 AS past_day_ago_us, pairs.open_us - 28800000000 AS day_ago_us, pairs.target_us - 86400000000 AS past_window_us
    FROM pairs
    ASOF LEFT JOIN calendar_hours AS hours ON hours.calendar = pairs.calendar AND hours.before_us < pairs.target_us
) AS dated
ASOF LEFT JOIN calendar_hours AS opening ON opening.calendar = dated.calendar AND opening.before_us >= dated.target_us
ASOF LEFT JOIN calendar_hours AS day_ago ON day_ago.calendar = dated.calendar AND day_ago.before_us < dated.day_ago_us
ASOF LEFT JOIN calendar_hours AS past_day_ago ON past_day_ago.calendar = dated.calendar AND past_day_ago.before_us < dated.past_day_ago_us
ASOF LEFT JOIN calendar_hours AS past_window ON past_window.calendar = dated.calendar AND past_window.before_us < dated.past_window_us
