"""The quarter that is simulated: its periods, their closes, and working time at each legal entity.

The quarter is found from the books-close instant. A close in the first ten days of a month closes
calendar months; any other day closes a 4-4-5 quarter that ended on the Saturday before, so that a
demo started on any day of the year is two days before a close.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
_MONTH_CLOSE_DAY_MAX = 10
_CLOSE_LAG_MIN = timedelta(days=3)
_WEEKS_445 = (4, 4, 5)
_CUTOFF_HOUR = 17.0
_CLOSE_DAYS_BEFORE, _CLOSE_DAYS_AFTER = 3, 5
# Days on which nobody of the firm works, as (month, day); movable feasts are left out on purpose.
_CLOSED_DAYS = {(1, 1), (12, 25), (12, 26)}


@dataclass(frozen=True)
class Period:
    """One fiscal period, with the instants that finance lives by."""

    name: str
    start: date
    end: date  # exclusive
    books_close: datetime

    @property
    def last_day(self) -> date:
        return self.end - _DAY

    def billing_cutoff(self, zone: str) -> datetime:
        """Time approved later belongs to the next period's bills."""
        return at_local(next_workday(self.last_day), _CUTOFF_HOUR, zone)

    def closing(self, day: date) -> bool:
        """Whether `day` lies in the rush: the last working days and the first after the end."""
        first = self.end
        for _ in range(_CLOSE_DAYS_BEFORE):
            first = last_workday(first - _DAY)
        return first <= day <= next_workday(self.last_day, _CLOSE_DAYS_AFTER)


@dataclass(frozen=True)
class Window:
    """Days whose work is billed together; never crosses a period end."""

    start: date
    last: date
    period: Period
    index: int

    def workdays(self) -> list[date]:
        return [day for day in days(self.start, self.last + _DAY) if is_workday(day)]


@dataclass(frozen=True)
class Quarter:
    """Three periods that close, and the one after, whose first days are already running."""

    fiscal: str  # "months" or "4-4-5"
    periods: tuple[Period, ...]
    following: Period

    @property
    def start(self) -> date:
        return self.periods[0].start

    @property
    def end(self) -> date:
        return self.periods[-1].end

    @property
    def all_periods(self) -> tuple[Period, ...]:
        return (*self.periods, self.following)

    def period_of(self, day: date) -> Period:
        for period in self.all_periods:
            if period.start <= day < period.end:
                return period
        return self.periods[0] if day < self.start else self.following

    def month_of(self, day: date) -> str:
        """The name of the period of a day, also of one in the last weeks before the quarter."""
        if day >= self.start:
            return self.period_of(day).name
        if self.fiscal == "months":
            return f"{day.year}-{day.month:02}"
        return f"{self.periods[0].name[:5]}06"

    def in_close(self, day: date) -> bool:
        """Whether some period closes around `day`: one of ours, or the one before the quarter."""
        before = next_workday(self.start - _DAY, _CLOSE_DAYS_AFTER)
        ours = any(period.closing(day) for period in self.all_periods)
        return ours or self.start <= day <= before

    def windows(self, days_max: int) -> list[Window]:
        """Billing windows of up to `days_max` days that end on a Sunday or with their period."""
        found: list[Window] = []
        for period in self.all_periods:
            first = period.start
            while first < period.end:
                last = first + _DAY * (days_max - 1)
                last -= _DAY * ((last.weekday() + 1) % 7)
                last = min(max(last, first), period.last_day)
                window = Window(first, last, period, len(found))
                first = last + _DAY
                if window.workdays():
                    found.append(window)
        return found


def quarter_around(books_close: datetime) -> Quarter:
    """The quarter whose last period closes at `books_close`."""
    if books_close.day <= _MONTH_CLOSE_DAY_MAX:
        return _months(books_close)
    return _weeks(books_close)


def days(start: date, end: date) -> Iterator[date]:
    """Every day from start up to, not including, end."""
    while start < end:
        yield start
        start += _DAY


def is_workday(day: date) -> bool:
    return day.weekday() < 5 and (day.month, day.day) not in _CLOSED_DAYS


def next_workday(day: date, count: int = 1) -> date:
    """The count-th working day after `day`."""
    while count:
        day += _DAY
        count -= is_workday(day)
    return day


def last_workday(day: date) -> date:
    """The working day that `day` is, or the one before it."""
    while not is_workday(day):
        day -= _DAY
    return day


def at_local(day: date, hour: float, zone: str) -> datetime:
    """The instant of a local wall-clock hour (17.5 is 17:30), in UTC."""
    local = datetime.combine(day, time(), ZoneInfo(zone))
    # Wall-clock arithmetic first, conversion after: 09:00 stays 09:00 across a clock change.
    return (local + timedelta(hours=hour)).astimezone(UTC)


def _months(books_close: datetime) -> Quarter:
    end = books_close.date().replace(day=1)
    starts = [_month_before(end, back) for back in (3, 2, 1)]
    bounds = [*starts, end, _month_before(end, -1)]
    names = [f"{start.year}-{start.month:02}" for start in [*starts, end]]
    return _quarter("months", bounds, names, books_close)


def _weeks(books_close: datetime) -> Quarter:
    end = (books_close - _CLOSE_LAG_MIN).date()
    end -= _DAY * ((end.weekday() + 1) % 7)
    bounds = [end]
    for weeks in reversed(_WEEKS_445):
        bounds.insert(0, bounds[0] - _DAY * 7 * weeks)
    bounds.append(end + _DAY * 7 * _WEEKS_445[0])
    # The third quarter of its fiscal year: a quarter before and one after it, and no 53rd week.
    year = (bounds[0] - _DAY * 7 * 26).year
    names = [f"{year}-{number:02}" for number in (7, 8, 9, 10)]
    return _quarter("4-4-5", bounds, names, books_close)


def _quarter(fiscal: str, bounds: list[date], names: list[str], books_close: datetime) -> Quarter:
    lag = _workdays_between(bounds[3], books_close.date())
    made: list[Period] = []
    for name, start, end in zip(names, bounds, bounds[1:], strict=False):
        close = books_close if end == bounds[3] else _close_after(end, lag, books_close)
        made.append(Period(name, start, end, close))
    return Quarter(fiscal, tuple(made[:3]), made[3])


def _close_after(end: date, workdays: int, books_close: datetime) -> datetime:
    day = next_workday(end - _DAY, max(workdays, 1))
    return datetime.combine(day, books_close.timetz())


def _workdays_between(start: date, last: date) -> int:
    return sum(is_workday(day) for day in days(start, last + _DAY))


def _month_before(first: date, back: int) -> date:
    month = first.year * 12 + first.month - 1 - back
    return date(month // 12, month % 12 + 1, 1)
