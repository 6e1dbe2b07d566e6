"""What a calendar answers: when work is done, when periods end and when books close.

It answers in UTC; what people wrote down is local time of its zone. Open intervals are half-open,
[opens, closes). A local time that a clock change skips or repeats is read with the offset that held
before the change. Fiscal periods as dates are in `core.fiscal`, the files in `core.calendar`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import holidays

from core.errors import BadInput
from core.fiscal import FiscalRule

_DAY = timedelta(days=1)
# No sensible calendar is closed for longer; the bound turns a wrong one into an error, not a hang.
CLOSED_DAYS_MAX = 400


@dataclass(frozen=True, slots=True)
class Interval:
    """Open time, [opens, closes), in UTC."""

    opens: datetime
    closes: datetime


@dataclass(frozen=True, slots=True)
class Hours:
    """Open time of one day as offsets from local midnight; `closes` may be 24 hours."""

    opens: timedelta
    closes: timedelta


@dataclass(frozen=True, slots=True)
class BusinessMoment:
    """A local time on a business day counted from a period's end.

    Day 1 is the first business day after the end, 0 the last one of the period, -1 the one before.
    """

    business_day: int
    at: timedelta


@dataclass(frozen=True, slots=True)
class Period:
    """A fiscal period of one calendar, [starts, ends), its close window [close_from, close_to)."""

    name: str
    starts: datetime
    ends: datetime
    close_from: datetime
    close_to: datetime
    billing_cutoff: datetime
    books_close: datetime


@dataclass(frozen=True)
class Calendar:
    """One calendar. `overrides` replaces single instants of named periods, in UTC."""

    name: str
    zone: ZoneInfo
    week: tuple[tuple[Hours, ...], ...]
    fiscal: FiscalRule
    days_before: int
    days_after: int
    billing_cutoff: BusinessMoment
    books_close: BusinessMoment
    country: str = ""
    subdivision: str = ""
    closed_on: frozenset[date] = frozenset()
    open_on: frozenset[date] = frozenset()
    overrides: Mapping[str, Mapping[str, datetime]] = field(default_factory=dict)

    def is_business_day(self, day: date) -> bool:
        """A day with working hours that is no holiday."""
        return bool(self.hours_of(day))

    def hours_of(self, day: date) -> tuple[Hours, ...]:
        """Open hours of a local day; none on holidays, unless the calendar says it is worked."""
        if day in self.closed_on:
            return ()
        if day not in self.open_on and _is_holiday(self.country, self.subdivision, day):
            return ()
        return self.week[day.weekday()]

    def open_intervals(self, start: datetime, end: datetime) -> Iterator[Interval]:
        """Open time between two instants, in order, cut to them. Nothing when end <= start."""
        start, end = _utc(start), _utc(end)
        day = start.astimezone(self.zone).date() - _DAY
        reached = start
        while self._instant(day, timedelta()) < end:
            for hours in self.hours_of(day):
                # A skipped local hour can make neighbours overlap; `reached` keeps them apart.
                opens = max(self._instant(day, hours.opens), reached)
                closes = min(self._instant(day, hours.closes), end)
                if opens < closes:
                    yield Interval(opens, closes)
                    reached = closes
            day += _DAY

    def business_days(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """When the business days between two instants begin: midnight in the calendar's zone, as
        UTC, in order.
        """
        start, end = _utc(start), _utc(end)
        day = start.astimezone(self.zone).date()
        while (begins := self._instant(day, timedelta())) < end:
            if begins >= start and self.is_business_day(day):
                yield begins
            day += _DAY

    def add_open(self, start: datetime, length: timedelta) -> datetime:
        """Earliest instant t with at least `length` of open time in [start, t); start for zero."""
        start = _utc(start)
        left = length
        if left <= timedelta(0):
            return start
        end = start + left
        while True:
            for interval in self.open_intervals(start, end):
                here = interval.closes - interval.opens
                if here >= left:
                    return interval.opens + left
                left -= here
            start, end = end, end + max(left * 3, timedelta(days=7))

    def open_between(self, start: datetime, end: datetime) -> timedelta:
        """Open time in [start, end); zero when end <= start."""
        parts = self.open_intervals(start, end)
        return sum((part.closes - part.opens for part in parts), timedelta(0))

    def period_of(self, instant: datetime) -> Period:
        """The fiscal period that an instant lies in, by the calendar's own zone."""
        return self.period(self.fiscal.name_of(_utc(instant).astimezone(self.zone).date()))

    def period(self, name: str) -> Period:
        """The period of that name. Raises BadInput when the calendar has none such."""
        found = self.find_period(name)
        if found is None:
            raise BadInput(
                f"'{name}' is no fiscal period of calendar {self.name}",
                todo="Write fiscal year and period number, as in 2026-09",
            )
        return found

    def find_period(self, name: str) -> Period | None:
        """The period of that name, None when the calendar has none such."""
        span = self.fiscal.span(name)
        if span is None:
            return None
        first, after = span
        ours: dict[str, datetime] = {
            "close_from": self._instant(
                self._business_day(after, 1 - self.days_before) if self.days_before else after,
                timedelta(),
            ),
            "close_to": self._instant(
                self._business_day(after, self.days_after) + _DAY if self.days_after else after,
                timedelta(),
            ),
            "billing_cutoff": self._moment(after, self.billing_cutoff),
            "books_close": self._moment(after, self.books_close),
        }
        starts, ends = (self._instant(day, timedelta()) for day in (first, after))
        return Period(name, starts, ends, **{**ours, **self.overrides.get(name, {})})

    def periods_between(self, start: datetime, end: datetime) -> list[Period]:
        """All periods that have time in [start, end), in order."""
        found: list[Period] = []
        at, end = _utc(start), _utc(end)
        while at < end:
            found.append(self.period_of(at))
            at = found[-1].ends
        return found

    def period_before(self, period: Period) -> Period:
        return self.period_of(period.starts - timedelta(microseconds=1))

    def period_after(self, period: Period) -> Period:
        return self.period_of(period.ends)

    def in_close_window(self, instant: datetime) -> bool:
        """Whether the instant lies in the close window of any period."""
        instant = _utc(instant)
        # Windows start and end in the order of their periods, so the search ends in each direction
        # at the first window that is out of reach.
        period = self.period_of(instant)
        while period.close_to > instant:
            if period.close_from <= instant:
                return True
            period = self.period_before(period)
        period = self.period_after(self.period_of(instant))
        while period.close_from <= instant:
            if instant < period.close_to:
                return True
            period = self.period_after(period)
        return False

    def _moment(self, after: date, moment: BusinessMoment) -> datetime:
        return self._instant(self._business_day(after, moment.business_day), moment.at)

    def _business_day(self, after: date, number: int) -> date:
        """Business day 1 is the first on or after the day `after`, 0 the last one before it."""
        step, left = (_DAY, number) if number > 0 else (-_DAY, 1 - number)
        day = after if number > 0 else after - _DAY
        closed = 0
        while True:
            closed = 0 if self.is_business_day(day) else closed + 1
            left -= closed == 0
            if left == 0:
                return day
            if closed > CLOSED_DAYS_MAX:
                raise BadInput(f"calendar {self.name} has no business day near {after}")
            day += step

    def _instant(self, day: date, offset: timedelta) -> datetime:
        """Local wall-clock time on a day, as UTC."""
        return (datetime.combine(day, time()) + offset).replace(tzinfo=self.zone).astimezone(UTC)


def check_hours(hours: tuple[Hours, ...]) -> str:
    """Why the hours of one day are wrong; empty when they are right."""
    if any(not timedelta(0) <= part.opens < part.closes <= _DAY for part in hours):
        return "must open before it closes, between 00:00 and 24:00; split what passes midnight"
    if any(before.closes > after.opens for before, after in pairwise(hours)):
        return "must be in order and must not overlap"
    return ""


def holiday_calendar_error(country: str, subdivision: str) -> str:
    """Why the holiday library cannot serve the country; empty when it can (or none is named)."""
    known = holidays.list_supported_countries()
    if not country:
        return "a subdivision needs its country" if subdivision else ""
    if country not in known:
        return f"'{country}' is no country of the holiday calendar; use two letters, as in 'US'"
    if subdivision and subdivision not in known[country]:
        return f"'{subdivision}' is none of {country}: {', '.join(known[country]) or 'it has none'}"
    return ""


def _utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise BadInput(f"{instant} has no time zone", todo="Give an instant, not a local time")
    return instant.astimezone(UTC)


def _is_holiday(country: str, subdivision: str, day: date) -> bool:
    return bool(country) and day in _holidays_of_year(country, subdivision, day.year)


@lru_cache(maxsize=4096)
def _holidays_of_year(country: str, subdivision: str, year: int) -> frozenset[date]:
    # Neighbouring years are read as well: a holiday can be observed on a day of the year before.
    years = range(year - 1, year + 2)
    found = holidays.country_holidays(country, subdiv=subdivision or None, years=years)
    return frozenset(day for day in found if day.year == year)
