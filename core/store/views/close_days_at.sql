-- The books closes that lie ahead of every calendar, of periods that have begun, each with the instants that lay as far before the
-- closes of the past: as much open time ahead, and as far outside of open hours. `past_at` is NULL where there is no close of the past;
-- the `day_ago` ones are eight open hours earlier, `past_window_at` is 24 earlier. Open time is looked up in arrays, and all of
-- it is worked out once a query: there are a few dozen rows, and planning joins for them would cost more than what is asked of them.
CREATE OR REPLACE VIEW close_days_at {{on_cluster}} AS
SELECT
    day.1 AS calendar,
    day.2 AS period,
    day.3 AS books_close,
    day.4 AS open_hours_left,
    day.5 AS day_ago_at,
    day.6 AS past_period,
    day.7 AS past_close,
    day.8 AS past_at,
    day.9 AS past_day_ago_at,
    day.10 AS past_window_at
FROM (
    SELECT arrayJoin((
        SELECT groupArray((calendar, period, books_close, open_hours_left, day_ago_at, past_period, past_close, past_at, past_day_ago_at, past_window_at))
        FROM (
            WITH
                toUnixTimestamp64Micro({now:DateTime64(6, 'UTC')}) AS now_us,
                (at -> arrayLastIndex(one -> one <= at, opens)) AS place_of,
                (at -> before[place_of(at)] + least(at, closes[place_of(at)]) - opens[place_of(at)]) AS open_until,
                (open_us -> arrayLastIndex(one -> one < open_us, before)) AS place_when,
                -- The earliest instant until which so much time was open.
                (open_us -> opens[place_when(open_us)] + open_us - before[place_when(open_us)]) AS instant_of
            SELECT
                calendar,
                ahead.1 AS period,
                fromUnixTimestamp64Micro(ahead.2, 'UTC') AS books_close,
                greatest(open_until(ahead.2) - open_until(now_us), 0) AS left_us,
                left_us / 3600000000 AS open_hours_left,
                fromUnixTimestamp64Micro(instant_of(open_until(now_us) - 28800000000), 'UTC') AS day_ago_at,
                past.1 AS past_period,
                fromUnixTimestamp64Micro(past.2, 'UTC') AS past_close,
                open_until(past.2) - left_us AS past_open_us,
                if(past.1 = '', NULL, fromUnixTimestamp64Micro(least(
                    instant_of(past_open_us) + greatest(now_us - closes[place_of(now_us)], 0),
                    opens[arrayFirstIndex(one -> one >= past_open_us, before)],
                    past.2), 'UTC')) AS past_at,
                fromUnixTimestamp64Micro(instant_of(past_open_us - 28800000000), 'UTC') AS past_day_ago_at,
                fromUnixTimestamp64Micro(instant_of(past_open_us - 86400000000), 'UTC') AS past_window_at
            FROM (
                SELECT
                    calendar, arrayMap(each -> each.1, hours) AS opens, arrayMap(each -> each.2, hours) AS closes, arrayMap(each -> each.3, hours) AS before,
                    arraySort(each -> each.2, arrayFilter(each -> each.3 <= now_us, closings)) AS begun,
                    arrayJoin(arraySlice(arrayFilter(each -> each.2 > now_us, begun), 1, 3)) AS ahead,
                    arraySlice(arrayReverse(arrayFilter(each -> each.2 <= now_us, begun)), 1, 12) AS pasts,
                    arrayJoin(if(empty(pasts), [('', toInt64(0), toInt64(0))], pasts)) AS past
                FROM (
                    SELECT
                        calendar, arraySort(groupArray((toUnixTimestamp64Micro(opens), toUnixTimestamp64Micro(closes), before_us))) AS hours
                    FROM calendar_hours
                    WHERE opens > {now:DateTime64(6, 'UTC')} - INTERVAL 600 DAY AND opens < {now:DateTime64(6, 'UTC')} + INTERVAL 200 DAY
                    GROUP BY calendar
                ) AS open_time
                INNER JOIN (
                    SELECT calendar, groupArray((toString(period), toUnixTimestamp64Micro(books_close), toUnixTimestamp64Micro(starts))) AS closings
                    FROM calendar_periods
                    WHERE books_close > {now:DateTime64(6, 'UTC')} - INTERVAL 500 DAY AND books_close < {now:DateTime64(6, 'UTC')} + INTERVAL 200 DAY
                    GROUP BY calendar
                ) AS fiscal USING (calendar)
            )
        )
    )) AS day
)
