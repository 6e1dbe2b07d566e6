"""Calendars: open hours, periods, close windows, the instants of the close, and refused files."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calendar import Calendar, Calendars, load_calendars
from core.errors import BadInput, ConfigInvalid

PLAIN = """
legal_entities = ["X1"]
time_zone = "America/New_York"
[hours]
monday = ["09:00-12:00", "13:00-17:00"]
tuesday = ["09:00-17:00"]
wednesday = ["09:00-17:00"]
thursday = ["09:00-17:00"]
friday = ["09:00-17:00"]
[close]
days_before = 3
days_after = 5
[billing_cutoff]
business_day = 0
at = "17:00"
[books_close]
business_day = 5
at = "18:00"
"""
HOUR = timedelta(hours=1)


def read(folder: Path, text: str = PLAIN, stem: str = "x1") -> Calendars:
    (folder / f"{stem}.toml").write_text(text)
    return load_calendars(folder)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture(name="plain")
def _plain(tmp_path: Path) -> Calendar:
    return read(tmp_path).calendar_for("X1")


def test_shipped_calendars_serve_known_and_unknown_entities() -> None:
    shipped = load_calendars()
    assert shipped.calendar_for("US01").zone.key == "America/New_York"
    assert shipped.calendar_for("UK01").zone.key == "Europe/London"
    assert shipped.calendar_for("DE01").zone.key == "Europe/Berlin"
    assert shipped.calendar_for("nobody") is shipped.calendar_for("") is shipped.default


def test_a_missing_overlay_folder_changes_nothing(tmp_path: Path) -> None:
    assert load_calendars(tmp_path / "absent").version == load_calendars().version


def test_an_overlay_takes_an_entity_out_of_its_shipped_calendar(tmp_path: Path) -> None:
    mended = read(tmp_path, PLAIN.replace("X1", "UK01"))
    assert mended.calendar_for("UK01").name == "x1"
    assert mended.calendar_for("DE01").name == "de01"
    assert mended.version != load_calendars().version


def test_an_overlay_file_replaces_the_shipped_file_of_its_stem(tmp_path: Path) -> None:
    mended = read(tmp_path, PLAIN, stem="us01")
    assert mended.calendar_for("US01") is mended.default
    text = PLAIN.replace('legal_entities = ["X1"]', "")
    assert read(tmp_path, text, stem="default").default.zone.key == "America/New_York"


def test_open_intervals_are_half_open_and_cut_to_what_was_asked(plain: Calendar) -> None:
    # Monday 2026-06-01: New York is 4 hours behind UTC.
    found = list(plain.open_intervals(at("2026-06-01T15:00"), at("2026-06-01T18:00")))
    assert [(part.opens, part.closes) for part in found] == [
        (at("2026-06-01T15:00"), at("2026-06-01T16:00")),
        (at("2026-06-01T17:00"), at("2026-06-01T18:00")),
    ]
    assert list(plain.open_intervals(at("2026-06-01T18:00"), at("2026-06-01T15:00"))) == []


def test_open_hours_follow_the_clock_change(plain: Calendar) -> None:
    opens = [part.opens.hour for part in plain.open_intervals(at("2026-03-06"), at("2026-03-10"))]
    assert opens == [14, 13, 17]  # Friday in winter time; Monday, two spans, in summer time


def test_a_day_of_24_hours_has_23_or_25_at_a_clock_change(tmp_path: Path) -> None:
    always = PLAIN.split("[hours]")[0] + "[hours]\n"
    days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    always += "".join(f'{day} = ["00:00-24:00"]\n' for day in days)
    calendar = read(tmp_path, always + "[close]" + PLAIN.split("[close]")[1]).calendar_for("X1")
    spring = calendar.open_between(at("2026-03-08T05:00"), at("2026-03-09T04:00"))
    assert spring == timedelta(hours=23)
    autumn = calendar.open_between(at("2026-11-01T04:00"), at("2026-11-02T05:00"))
    assert autumn == timedelta(hours=25)


def test_hours_in_a_skipped_local_hour_are_counted_once(tmp_path: Path) -> None:
    text = PLAIN.replace("[close]", 'sunday = ["01:00-02:30", "02:30-04:00"]\n[close]')
    calendar = read(tmp_path, text).calendar_for("X1")
    assert calendar.open_between(at("2026-03-08T05:00"), at("2026-03-09T04:00")) == 2 * HOUR
    assert calendar.open_between(at("2026-03-15T04:00"), at("2026-03-16T04:00")) == 3 * HOUR


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2026-06-01T13:00", 0, "2026-06-01T13:00"),
        ("2026-05-31T08:00", 0, "2026-05-31T08:00"),  # zero is the start, even when closed
        (
            "2026-06-01T13:00",
            3,
            "2026-06-01T16:00",
        ),  # ends with the interval, not at the next opening
        ("2026-06-01T13:00", 4, "2026-06-01T18:00"),  # over lunch
        ("2026-06-01T16:30", 1, "2026-06-01T18:00"),  # starts at lunch
        ("2026-06-05T20:00", 2, "2026-06-08T14:00"),  # over the weekend
        ("2026-05-30T08:00", 1, "2026-06-01T14:00"),  # starts on a Saturday
        ("2026-06-01T13:00", 39, "2026-06-05T21:00"),  # a whole week
        ("2026-06-01T13:00", 40, "2026-06-08T14:00"),
    ],
)
def test_add_open_is_the_first_instant_with_enough_open_time(
    plain: Calendar, start: str, hours: int, due: str
) -> None:
    assert plain.add_open(at(start), hours * HOUR) == at(due)


INSTANTS = st.datetimes(datetime(2025, 12, 1), datetime(2027, 2, 1), timezones=st.just(UTC))


@settings(max_examples=100, deadline=None)
@given(start=INSTANTS, minutes=st.integers(1, 60 * 24 * 20))
def test_add_open_and_open_between_agree(start: datetime, minutes: int) -> None:
    for calendar in load_calendars().by_entity.values():
        length = timedelta(minutes=minutes)
        due = calendar.add_open(start, length)
        assert calendar.open_between(start, due) == length
        assert calendar.open_between(start, due - timedelta(microseconds=1)) < length


def test_business_days_begin_at_midnight_of_the_zone_and_leave_out_holidays() -> None:
    calendar = load_calendars().calendar_for("US01")
    start, end = datetime(2026, 9, 4, tzinfo=UTC), datetime(2026, 9, 10, tzinfo=UTC)
    # Labor Day is Monday the 7th.
    assert [f"{day:%d %H:%M}" for day in calendar.business_days(start, end)] == [
        "04 04:00",
        "08 04:00",
        "09 04:00",
    ]


def test_holidays_of_the_country_are_closed_unless_worked(tmp_path: Path) -> None:
    table = '[holidays]\ncountry = "US"\nclosed_on = [2026-07-02]\nopen_on = [2026-07-03]\n'
    calendar = read(tmp_path, PLAIN + table).calendar_for("X1")
    assert not calendar.is_business_day(date(2026, 7, 2))
    assert calendar.is_business_day(date(2026, 7, 3))  # Independence Day, observed
    assert not calendar.is_business_day(date(2027, 12, 31))  # New Year of the next year, observed
    assert not calendar.is_business_day(date(2026, 11, 26))


def test_holidays_of_a_subdivision() -> None:
    calendar = load_calendars().calendar_for("DE01")
    assert not calendar.is_business_day(date(2026, 6, 4))  # Corpus Christi, in Hesse
    assert calendar.is_business_day(date(2026, 1, 6))  # Epiphany, not in Hesse


def test_a_month_starts_and_ends_at_local_midnight(plain: Calendar) -> None:
    period = plain.period("2026-09")
    assert (period.starts, period.ends) == (at("2026-09-01T04:00"), at("2026-10-01T04:00"))
    assert plain.period_of(period.starts) == period
    assert plain.period_of(period.ends).name == "2026-10"
    assert plain.period_of(period.ends - timedelta(microseconds=1)) == period


def test_close_window_and_its_instants_count_business_days(plain: Calendar) -> None:
    period = plain.period("2026-09")  # ends on a Wednesday
    assert period.close_from == at("2026-09-28T04:00")  # Monday: the third last business day
    assert period.close_to == at("2026-10-08T04:00")  # end of Wednesday, the fifth of October
    assert period.billing_cutoff == at("2026-09-30T21:00")
    assert period.books_close == at("2026-10-07T22:00")


def test_close_window_is_half_open(plain: Calendar) -> None:
    period = plain.period("2026-09")
    tick = timedelta(microseconds=1)
    assert plain.in_close_window(period.close_from)
    assert not plain.in_close_window(period.close_from - tick)
    assert plain.in_close_window(period.close_to - tick)
    assert not plain.in_close_window(period.close_to)


def test_no_days_before_or_after_end_the_window_at_the_period_end(tmp_path: Path) -> None:
    text = PLAIN.replace("days_before = 3", "days_before = 0")
    calendar = read(tmp_path, text).calendar_for("X1")
    assert calendar.period("2026-09").close_from == calendar.period("2026-09").ends
    text = PLAIN.replace("days_after = 5", "days_after = 0")
    calendar = read(tmp_path, text).calendar_for("X1")
    assert calendar.period("2026-09").close_to == calendar.period("2026-09").ends


def test_a_period_can_override_single_instants(tmp_path: Path) -> None:
    text = PLAIN + (
        '[periods."2026-09"]\nbooks_close = "2026-10-09T20:00"\n'
        'close_to = "2026-10-20T00:00:00+02:00"\n'
    )
    calendar = read(tmp_path, text).calendar_for("X1")
    period = calendar.period("2026-09")
    assert period.books_close == at("2026-10-10T00:00")
    assert period.close_to == at("2026-10-19T22:00")
    assert calendar.in_close_window(at("2026-10-15T12:00"))
    assert not calendar.in_close_window(at("2026-11-15T12:00"))


@settings(max_examples=200, deadline=None)
@given(instant=INSTANTS)
def test_in_close_window_agrees_with_looking_at_every_period(instant: datetime) -> None:
    for calendar in load_calendars().by_entity.values():
        periods = calendar.periods_between(at("2025-06-01"), at("2027-08-01"))
        every = any(period.close_from <= instant < period.close_to for period in periods)
        assert calendar.in_close_window(instant) == every


@settings(max_examples=100, deadline=None)
@given(
    scheme=st.sampled_from(["months", "4-4-5"]),
    month=st.integers(1, 12),
    weekday=st.sampled_from(["monday", "saturday", "sunday"]),
    named_by=st.sampled_from(["start", "end"]),
)
def test_periods_follow_each_other_without_gaps(
    tmp_path_factory: pytest.TempPathFactory, scheme: str, month: int, weekday: str, named_by: str
) -> None:
    week = f'week_starts = "{weekday}"\n' if scheme == "4-4-5" else ""
    text = (
        f'{PLAIN}[fiscal]\nperiods = "{scheme}"\nyear_starts = "{month:02d}-01"\n{week}'
        f'year_named_by = "{named_by}"\n'
    )
    calendar = read(tmp_path_factory.mktemp("calendar"), text).calendar_for("X1")
    periods = calendar.periods_between(at("2020-01-15"), at("2032-01-15"))
    for before, after in zip(periods, periods[1:], strict=False):
        assert before.ends == after.starts
        number = int(before.name[-2:])
        assert int(after.name[-2:]) == number % 12 + 1
        assert calendar.period(after.name) == after
    years = {period.name[:4] for period in periods[12:-12]}
    assert all(sum(period.name[:4] == year for period in periods) == 12 for year in years)


def test_weeks_4_4_5_with_a_53rd_week(tmp_path: Path) -> None:
    text = PLAIN + (
        '[fiscal]\nperiods = "4-4-5"\nyear_starts = "02-01"\nweek_starts = "sunday"\n'
        'year_named_by = "start"\n'
    )
    calendar = read(tmp_path, text).calendar_for("X1")
    # The retail year 2023 has 53 weeks: 2023-01-29 to 2024-02-03.
    assert calendar.fiscal.span("2023-01") == (date(2023, 1, 29), date(2023, 2, 26))
    assert calendar.fiscal.span("2023-03") == (date(2023, 3, 26), date(2023, 4, 30))
    assert calendar.fiscal.span("2023-12") == (date(2023, 12, 24), date(2024, 2, 4))
    assert calendar.fiscal.span("2024-01") == (date(2024, 2, 4), date(2024, 3, 3))


def test_a_fiscal_year_is_named_by_the_year_it_ends_in(tmp_path: Path) -> None:
    calendar = read(tmp_path, PLAIN + '[fiscal]\nyear_starts = "07-01"\n').calendar_for("X1")
    assert calendar.period_of(at("2026-07-15")).name == "2027-01"
    assert calendar.fiscal.span("2026-12") == (date(2026, 6, 1), date(2026, 7, 1))


@pytest.mark.parametrize(
    "name", ["", "2026-13", "2026-00", "2026-9", "1800-01", "FY26", "2026-01-"]
)
def test_what_is_no_period_is_refused(plain: Calendar, name: str) -> None:
    assert plain.find_period(name) is None
    with pytest.raises(BadInput, match="no fiscal period"):
        plain.period(name)


def test_a_naive_instant_is_refused(plain: Calendar) -> None:
    with pytest.raises(BadInput, match="no time zone"):
        plain.open_between(datetime(2026, 1, 1), at("2026-01-02"))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"America/New_York"', '"Mars/Base"', "'time_zone'.*IANA"),
        ('legal_entities = ["X1"]', "", "'legal_entities'.*missing"),
        ('["X1"]', "[]", "'legal_entities'.*1 to"),
        ('["X1"]', '["X1", 2]', "'legal_entities'.*strings"),
        ('"13:00-17:00"', '"11:00-17:00"', r"\[hours\], key 'monday'.*overlap"),
        ('"13:00-17:00"', '"22:00-06:00"', "'monday'.*midnight"),
        ('"13:00-17:00"', '"1pm-5pm"', "'monday'.*no span"),
        ('"13:00-17:00"', "13", "'monday'.*no span"),
        ("days_after = 5", "days_after = 99", r"\[close\], key 'days_after'.*outside"),
        ("days_after = 5", "days_after = true", "'days_after'.*whole number"),
        ("days_after = 5", "days_after = 5\nweeks = 1", "'weeks'.*unknown key"),
        ('at = "18:00"', 'at = "25:00"', r"\[books_close\], key 'at'"),
        ("[books_close]", "[book_close]", "'books_close'.*missing"),
        ("[close]", '[fiscal]\nperiods = "3-3-3"\n[close]', r"\[fiscal\], key 'periods'.*4-4-5"),
        ("[close]", '[fiscal]\nyear_starts = "13-01"\n[close]', "'year_starts'.*no day"),
        ("[close]", '[fiscal]\nyear_starts = "04-06"\n[close]', "'year_starts'.*day 01"),
        ("[close]", '[fiscal]\nweek_starts = "monday"\n[close]', "'week_starts'.*no week start"),
        ("[close]", '[holidays]\ncountry = "XX"\n[close]', r"\[holidays\], key 'country'"),
        ("[close]", '[holidays]\ncountry = "US"\nsubdivision = "QQ"\n[close]', "'subdivision'"),
        ("[close]", '[holidays]\nsubdivision = "NY"\n[close]', "needs its country"),
        ("[close]", '[holidays]\nclosed_on = ["2026-01-01"]\n[close]', "'closed_on'.*dates"),
        ("[close]", '[periods."2026-13"]\n[close]', "'2026-13'.*no fiscal period"),
        ("[close]", '[periods."2026-09"]\nbooks_close = "soon"\n[close]', "no instant"),
        ("[close]", '[periods."2026-09"]\nclose_to = "2026-01-01"\n[close]', "ends before"),
        ("[close]", '[periods."2026-09"]\nclose_to = "2026-12-01"\n[close]', "overtakes"),
    ],
)
def test_a_wrong_file_is_refused_with_file_table_and_key(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    assert old in PLAIN
    with pytest.raises(ConfigInvalid, match=f"x1.toml.*{message}"):
        read(tmp_path, PLAIN.replace(old, new))


def test_a_week_without_hours_is_refused(tmp_path: Path) -> None:
    text = PLAIN.split("[hours]")[0] + "[hours]\n[close]" + PLAIN.split("[close]")[1]
    with pytest.raises(ConfigInvalid, match="less than an hour"):
        read(tmp_path, text)


def test_one_entity_in_two_files_of_a_folder_is_refused(tmp_path: Path) -> None:
    read(tmp_path)
    with pytest.raises(ConfigInvalid, match="'X1' is already in .*x1.toml"):
        read(tmp_path, stem="x2")


def test_the_default_names_no_entities(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match="entities nobody names"):
        read(tmp_path, stem="default")
