-- How long hops took, by how many business days after the books close of the revenue event's period they were done: 0 is the day
-- on which books close, -1 the business day before it. A day without work counts to the business day before it. '' without a close.
WITH
    done AS (
{{latency_done}}
    ),
    days AS (SELECT calendar AS its_calendar, starts, number FROM calendar_days),
    closing AS (
        SELECT done.*, closed.books_close AS books_close
        FROM done
        LEFT JOIN (SELECT calendar AS its_calendar, period AS its_period, books_close FROM calendar_periods) AS closed
            ON closed.its_calendar = done.calendar AND closed.its_period = done.period
    ),
    dated AS (
        SELECT closing.*, days.number AS close_number
        FROM closing
        ASOF LEFT JOIN days ON days.its_calendar = closing.calendar AND days.starts <= closing.books_close
    ),
    counted AS (
        SELECT dated.*, days.number AS done_number
        FROM dated
        ASOF LEFT JOIN days ON days.its_calendar = dated.calendar AND days.starts <= dated.done_at
    ),
    grouped AS (
        SELECT *, if(close_number = 0 OR done_number = 0, '', toString(toInt64(done_number) - toInt64(close_number))) AS group_name
        FROM counted
    )
{{latency_figures}}
ORDER BY group_name = '', toInt64OrZero(group_name), process, position
