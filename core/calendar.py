"""Calendars of legal entities, one TOML file each, and the one for everybody else (`default.toml`).

This module reads and checks the files; what a calendar answers is in `core.business_time`. The
shipped files lie in `lineage/calendars/`, beside the processes whose limits they serve.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.business_time import (
    BusinessMoment,
    Calendar,
    Hours,
    Interval,
    Period,
    check_hours,
    holiday_calendar_error,
)
from core.declaration import Table, read_overlaid
from core.errors import ConfigInvalid
from core.fiscal import FiscalRule

__all__ = ["Calendar", "Calendars", "Interval", "Period", "load_calendars"]

SHIPPED = Path(__file__).parents[1] / "lineage" / "calendars"
DEFAULT = "default"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MOMENTS = ("close_from", "close_to", "billing_cutoff", "books_close")
BUSINESS_DAYS_MAX = 30
ENTITIES_MAX = 10_000
# Less than an hour a week would make the end of a limit lie centuries away.
OPEN_WEEK_MIN = timedelta(hours=1)


@dataclass(frozen=True)
class Calendars:
    """The calendars in force. `version` changes exactly when one of them does."""

    default: Calendar
    by_entity: Mapping[str, Calendar]
    version: str = ""

    def calendar_for(self, legal_entity: str) -> Calendar:
        """The calendar of a legal entity; the default for one that nobody declared, or for none."""
        return self.by_entity.get(legal_entity, self.default)


def load_calendars(overlay: Path | None = None, shipped: Path = SHIPPED) -> Calendars:
    """Shipped calendars with those of the overlay folder added. Raises ConfigInvalid.

    `overlay` is the folder that holds the files (it may be absent). A file there replaces the
    shipped file of the same stem; a legal entity named there leaves its shipped calendar.
    """
    ours, theirs = read_overlaid(shipped, overlay)
    if DEFAULT not in ours | theirs:
        raise ConfigInvalid(f"{shipped}", f"has no {DEFAULT}.toml", "Every entity needs a calendar")
    default: Calendar | None = None
    by_entity: dict[str, Calendar] = {}
    for files in (ours, theirs):
        claimed: dict[str, str] = {}
        for stem, file in files.items():
            entities, calendar = _read_calendar(stem, file)
            for entity in entities:
                if entity in claimed:
                    file.refuse("legal_entities", f"'{entity}' is already in {claimed[entity]}")
                claimed[entity] = file.file
                by_entity[entity] = calendar
            default = calendar if stem == DEFAULT else default
    assert default is not None
    return Calendars(default, by_entity, _version(default, by_entity))


def _version(default: Calendar, by_entity: Mapping[str, Calendar]) -> str:
    # The holidays come from a library, so another release of it may be another calendar.
    parts = [version("holidays"), _meaning(default)]
    parts += [f"{entity}={_meaning(by_entity[entity])}" for entity in sorted(by_entity)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _meaning(calendar: Calendar) -> str:
    fields = {**vars(calendar)}
    for days in ("closed_on", "open_on"):
        fields[days] = sorted(fields[days])
    fields["overrides"] = sorted(
        (name, sorted(moments.items())) for name, moments in calendar.overrides.items()
    )
    return repr(sorted((name, str(value)) for name, value in fields.items()))


def _read_calendar(stem: str, file: Table) -> tuple[tuple[str, ...], Calendar]:
    entities = _read_entities(stem, file)
    zone = _read_zone(file)
    fiscal = _read_fiscal(file.table("fiscal"))
    country, subdivision, closed_on, open_on = _read_holidays(file.table("holidays"))
    close = _needed(file, "close")
    days_before = close.number("days_before", 0, BUSINESS_DAYS_MAX)
    days_after = close.number("days_after", 0, BUSINESS_DAYS_MAX)
    close.close()
    calendar = Calendar(
        name=stem,
        zone=zone,
        week=_read_week(_needed(file, "hours")),
        fiscal=fiscal,
        days_before=days_before,
        days_after=days_after,
        billing_cutoff=_read_moment(_needed(file, "billing_cutoff")),
        books_close=_read_moment(_needed(file, "books_close")),
        country=country,
        subdivision=subdivision,
        closed_on=closed_on,
        open_on=open_on,
        overrides=_read_overrides(file.table("periods"), zone, fiscal),
    )
    file.close()
    _check_windows(file, calendar)
    return entities, calendar


def _check_windows(file: Table, calendar: Calendar) -> None:
    """Overridden close windows must start and end in the order of their periods.

    Then the last window that began by an instant tells whether the instant is in any, also in SQL.
    """
    for name in calendar.overrides:
        period = calendar.period(name)
        around = (calendar.period_before(period), period, calendar.period_after(period))
        if period.close_from > period.close_to:
            file.refuse("periods", f"the close window of {name} ends before it starts")
        if any(
            earlier.close_from > later.close_from or earlier.close_to > later.close_to
            for earlier, later in pairwise(around)
        ):
            file.refuse("periods", f"the close window of {name} overtakes one of its neighbours")


def _needed(file: Table, key: str) -> Table:
    table = file.table(key)
    if table is None:
        file.refuse(key, "is missing", f"Add a table [{key}]")
    return table


def _read_entities(stem: str, file: Table) -> tuple[str, ...]:
    if stem == DEFAULT:
        if file.has("legal_entities"):
            file.refuse("legal_entities", "the default is for entities nobody names", "Remove it")
        return ()
    entities: list[Any] = file.value("legal_entities", list, "a list of legal entities")
    if not 0 < len(entities) <= ENTITIES_MAX:
        file.refuse("legal_entities", f"must name 1 to {ENTITIES_MAX} legal entities")
    if not all(isinstance(entity, str) and entity for entity in entities):
        file.refuse("legal_entities", "must be non-empty strings")
    return tuple(dict.fromkeys(entities))


def _read_zone(file: Table) -> ZoneInfo:
    name = file.text("time_zone")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        file.refuse("time_zone", f"'{name}' is unknown", "Use an IANA name like 'Europe/Berlin'")


def _read_fiscal(table: Table | None) -> FiscalRule:
    if table is None:
        return FiscalRule()
    scheme = cast(
        Literal["months", "4-4-5"], table.one_of("periods", ("months", "4-4-5"), "months")
    )
    starts = table.text("year_starts", "01-01")
    try:
        first = datetime.strptime(f"2001-{starts}", "%Y-%m-%d")
    except ValueError:
        table.refuse("year_starts", f"'{starts}' is no day", "Write month and day, as in '07-01'")
    if scheme == "months" and first.day != 1:
        table.refuse("year_starts", "calendar months start on day 01", "Write it like '07-01'")
    if scheme == "months" and table.has("week_starts"):
        table.refuse("week_starts", "calendar months have no week start", "Remove it")
    weekday = WEEKDAYS.index(table.one_of("week_starts", WEEKDAYS, "monday"))
    named_by = cast(Literal["start", "end"], table.one_of("year_named_by", ("start", "end"), "end"))
    table.close()
    return FiscalRule(scheme, first.month, first.day, weekday, named_by)


def _read_holidays(
    table: Table | None,
) -> tuple[str, str, frozenset[date], frozenset[date]]:
    if table is None:
        return "", "", frozenset(), frozenset()
    country = table.text("country", "-").strip("-")
    subdivision = table.text("subdivision", "-").strip("-")
    wrong = holiday_calendar_error(country, subdivision)
    if wrong:
        table.refuse("subdivision" if subdivision else "country", wrong)
    closed_on, open_on = (_read_days(table, key) for key in ("closed_on", "open_on"))
    if closed_on & open_on:
        table.refuse("open_on", "names a day that closed_on names too", "Remove one of them")
    table.close()
    return country, subdivision, closed_on, open_on


def _read_days(table: Table, key: str) -> frozenset[date]:
    days: list[Any] = table.value(key, list, "a list of dates") if table.has(key) else []
    # A datetime is a date to Python; only a plain date names a day.
    if not all(type(day) is date for day in days):
        table.refuse(key, "must be dates", "Write them without quotes, as in 2026-12-24")
    return frozenset(days)


def _read_week(table: Table) -> tuple[tuple[Hours, ...], ...]:
    week = tuple(_read_hours(table, weekday) for weekday in WEEKDAYS)
    table.close()
    total = sum((part.closes - part.opens for day in week for part in day), timedelta(0))
    if total < OPEN_WEEK_MIN:
        table.refuse("", "less than an hour of the week is open", "Give at least one day its hours")
    return week


def _read_hours(table: Table, weekday: str) -> tuple[Hours, ...]:
    if not table.has(weekday):
        return ()
    spans: list[Any] = table.value(weekday, list, "a list like ['09:00-12:00', '13:00-17:00']")
    hours: list[Hours] = []
    for span in spans:
        ends = [_time_of_day(end) for end in span.split("-")] if isinstance(span, str) else []
        if len(ends) != 2 or ends[0] is None or ends[1] is None:
            table.refuse(weekday, f"{span!r} is no span of hours", "Write it like '09:00-17:00'")
        hours.append(Hours(ends[0], ends[1]))
    wrong = check_hours(tuple(hours))
    if wrong:
        table.refuse(weekday, wrong)
    return tuple(hours)


def _read_moment(table: Table) -> BusinessMoment:
    business_day = table.number("business_day", -BUSINESS_DAYS_MAX, BUSINESS_DAYS_MAX)
    text = table.text("at")
    at = _time_of_day(text)
    if at is None:
        table.refuse("at", f"'{text}' is no time of day", "Write it like '18:00'")
    table.close()
    return BusinessMoment(business_day, at)


def _time_of_day(text: str) -> timedelta | None:
    """Offset from midnight of `HH:MM`; 24:00 is the end of the day. None when it is no time."""
    if text.strip() == "24:00":
        return timedelta(days=1)
    try:
        at = datetime.strptime(text.strip(), "%H:%M")
    except ValueError:
        return None
    return timedelta(hours=at.hour, minutes=at.minute)


def _read_overrides(
    periods: Table | None, zone: ZoneInfo, fiscal: FiscalRule
) -> dict[str, dict[str, datetime]]:
    overrides: dict[str, dict[str, datetime]] = {}
    for name in periods.keys() if periods is not None else ():
        assert periods is not None
        if fiscal.span(name) is None:
            periods.refuse(name, "is no fiscal period", "Write year and number, as in '2026-09'")
        table = periods.table(name)
        assert table is not None
        overrides[name] = {
            key: _read_instant(table, key, zone) for key in MOMENTS if table.has(key)
        }
        table.close()
    return overrides


def _read_instant(table: Table, key: str, zone: ZoneInfo) -> datetime:
    text = table.text(key)
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        table.refuse(key, f"'{text}' is no instant", "Write it like '2026-10-07T18:00'")
    local = instant if instant.tzinfo is not None else instant.replace(tzinfo=zone)
    return local.astimezone(UTC)
