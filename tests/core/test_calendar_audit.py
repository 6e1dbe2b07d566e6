"""Calendars against a few lines that count hour by hour and day by day, and share no code."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calendar import Calendar, load_calendars

# All hours and changes of the clock here lie on quarters of an hour.
TICK, DAY = timedelta(minutes=15), timedelta(days=1)
# Both changes of the clock, in zones that change on other days and ways; and years that end.
TURNS = (
    datetime(2026, 3, 8, 7, tzinfo=UTC),
    datetime(2026, 3, 29, 1, tzinfo=UTC),
    datetime(2026, 10, 25, 1, tzinfo=UTC),
    datetime(2026, 11, 1, 6, tzinfo=UTC),
    datetime(2026, 10, 3, 15, 30, tzinfo=UTC),
    datetime(2026, 12, 31, 23, tzinfo=UTC),
)
INSTANTS = st.builds(
    lambda turn, ticks: turn + ticks * TICK,
    st.sampled_from(TURNS),
    st.integers(-3 * 96, 3 * 96),
)
ENTITIES = {
    "US": ("America/New_York", "US"),
    "DE": ("Europe/Berlin", "DE"),
    "LH": ("Australia/Lord_Howe", ""),
}
FILE = """
legal_entities = ["{entity}"]
time_zone = "{zone}"
{holidays}
[hours]
monday = ["09:00-12:00", "13:00-17:00"]
tuesday = ["09:00-17:00"]
wednesday = ["09:00-17:00"]
thursday = ["09:00-17:00"]
friday = ["09:00-15:00"]
sunday = ["00:00-04:00"]
[fiscal]
periods = "4-4-5"
year_starts = "12-31"
week_starts = "sunday"
[close]
days_before = 2
days_after = 3
[billing_cutoff]
business_day = 0
at = "18:00"
[books_close]
business_day = 4
at = "18:00"
"""
WEEK = {0: [(9, 12), (13, 17)], 1: [(9, 17)], 2: [(9, 17)], 3: [(9, 17)], 4: [(9, 15)], 6: [(0, 4)]}


@pytest.fixture(scope="module")
def calendars(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Calendar]:
    folder: Path = tmp_path_factory.mktemp("calendars")
    for entity, (zone, country) in ENTITIES.items():
        days = f'[holidays]\ncountry = "{country}"' if country else ""
        (folder / f"{entity}.toml").write_text(FILE.format(entity=entity, zone=zone, holidays=days))
    return dict(load_calendars(folder).by_entity)


def works(entity: str, day: date) -> bool:
    country = ENTITIES[entity][1]
    return day.weekday() in WEEK and not (country and day in holidays.country_holidays(country))


def is_open(entity: str, at: datetime) -> bool:
    """By the wall clock of the entity."""
    local = at.astimezone(ZoneInfo(ENTITIES[entity][0]))
    minute = local.hour * 60 + local.minute
    spans = WEEK[local.weekday()] if works(entity, local.date()) else []
    return any(opens * 60 <= minute < closes * 60 for opens, closes in spans)


def ticks_open(entity: str, start: datetime, end: datetime) -> int:
    return sum(is_open(entity, start + n * TICK) for n in range((end - start) // TICK))


@settings(max_examples=60, deadline=None)
@given(entity=st.sampled_from(sorted(ENTITIES)), start=INSTANTS, ticks=st.integers(0, 4 * 96))
def test_open_time_is_what_the_wall_clock_shows(
    calendars: dict[str, Calendar], entity: str, start: datetime, ticks: int
) -> None:
    end = start + ticks * TICK
    counted = ticks_open(entity, start, end) * TICK
    assert calendars[entity].open_between(start, end) == counted
    if counted:
        due = calendars[entity].add_open(start, counted)
        assert start < due <= end
        assert ticks_open(entity, start, due) * TICK == counted


def weeks_before(day: date) -> tuple[date, list[date]]:
    """The first day of the fiscal year that a day lies in, and of its periods and the next year."""
    firsts = []
    for year in range(day.year - 2, day.year + 2):
        anchor = date(year, 12, 31)
        # The Sunday that is nearest.
        near = [anchor + n * DAY for n in range(-3, 4)]
        firsts.append(next(each for each in near if each.weekday() == 6))
    first = max(each for each in firsts if each <= day)
    after = min(each for each in firsts if each > day)
    starts = [first]
    for weeks in (4, 4, 5) * 4:
        starts.append(starts[-1] + weeks * 7 * DAY)
    # The 53rd week of a long year is in its last period.
    return first, [*starts[:-1], after]


@settings(max_examples=60, deadline=None)
@given(entity=st.sampled_from(sorted(ENTITIES)), at=INSTANTS)
def test_periods_of_weeks_and_their_close_are_what_counting_days_gives(
    calendars: dict[str, Calendar], entity: str, at: datetime
) -> None:
    zone = ZoneInfo(ENTITIES[entity][0])
    day = at.astimezone(zone).date()
    _, starts = weeks_before(day)
    number = max(n for n, start in enumerate(starts[:-1]) if start <= day)
    after = starts[number + 1]

    def midnight(of: date) -> datetime:
        return datetime(of.year, of.month, of.day, tzinfo=zone).astimezone(UTC)

    def working(step: int, wanted: int) -> date:
        """A working day, counted from the end on, or back from it."""
        each = after if step > 0 else after - DAY
        while True:
            wanted -= works(entity, each)
            if not wanted:
                return each
            each += step * DAY

    period = calendars[entity].period_of(at)
    assert (period.starts, period.ends) == (midnight(starts[number]), midnight(after))
    assert int(period.name[-2:]) == number + 1
    assert period.close_from == midnight(working(-1, 2))
    assert period.close_to == midnight(working(1, 3) + DAY)
    close = working(1, 4)
    at_six = datetime(close.year, close.month, close.day, 18, tzinfo=zone).astimezone(UTC)
    assert period.books_close == at_six
    within = any(
        each.close_from <= at < each.close_to
        for each in (calendars[entity].period_before(period), period)
    )
    assert calendars[entity].in_close_window(at) is within
