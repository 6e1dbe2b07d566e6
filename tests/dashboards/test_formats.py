"""How money, durations and instants are written."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from dashboards import formats

NOW = datetime(2026, 10, 2, 9, 30, tzinfo=UTC)


def spaced(text: str) -> str:
    return text.replace(formats.GLUE, " ")


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [
        ("1234.5", "USD", "USD 1,234.50"),
        ("-1234.5000", "EUR", "EUR -1,234.50"),
        ("1234", "JPY", "JPY 1,234"),
        ("1.5", "KWD", "KWD 1.500"),
        ("0.1234", "USD", "USD 0.1234"),
        ("0", "USD", "USD 0.00"),
        ("99999999999999.9999", "USD", "USD 99,999,999,999,999.9999"),
        ("7.10", "", "7.10"),
    ],
)
def test_money_is_written_in_full(amount: str, currency: str, written: str) -> None:
    assert spaced(formats.money(Decimal(amount), currency)) == written


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        ("0", "0"),
        ("9999.49", "9,999"),
        ("10000", "10.0K"),
        ("12345", "12.3K"),
        ("999499", "999K"),
        ("999999", "1.00M"),
        ("1234567", "1.23M"),
        ("-1234567", "-1.23M"),
        ("45049999999", "45.0B"),
    ],
)
def test_headlines_have_three_digits(amount: str, written: str) -> None:
    assert formats.number_short(Decimal(amount)) == written


def test_no_amount_is_said_and_not_shown_as_zero() -> None:
    assert formats.money(None, "USD") == formats.money_short(None, "USD") == "no amount"


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0, "0 s"),
        (59.4, "59 s"),
        (60, "1 min"),
        (3600, "1 h"),
        (5400, "1 h 30 min"),
        (90000, "1 d 1 h"),
        (86400 * 29 + 7200, "29 d 2 h"),
        (86400 * 3115 + 7200, "3,115 d"),
        (-7200, "-2 h"),
        (None, formats.NO_VALUE),
    ],
)
def test_durations_have_their_two_largest_units(seconds: float | None, written: str) -> None:
    assert spaced(formats.duration(seconds)) == written


def test_instants_are_written_in_utc() -> None:
    berlin = datetime(2026, 10, 2, 1, 5, tzinfo=timezone(timedelta(hours=2)))
    assert formats.instant(berlin) == "1 Oct 2026 23:05"
    assert formats.instant(berlin, year=False) == "1 Oct 23:05"
    assert formats.instant(None) == formats.NO_VALUE


def test_ago_tells_the_past_from_the_future() -> None:
    assert spaced(formats.ago(NOW - timedelta(minutes=3), NOW)) == "3 min ago"
    assert spaced(formats.ago(NOW + timedelta(hours=2), NOW)) == "in 2 h"
    assert formats.ago(NOW, NOW) == "just now"
    assert formats.ago(None, NOW) == "never"
    assert spaced(formats.ago(NOW.replace(year=2019, month=1, day=3), NOW)) == "on 3 Jan 2019"


def test_a_small_share_is_not_written_as_none() -> None:
    assert formats.percent(Decimal(1), Decimal(1000)) == "<1%"
    assert formats.percent(Decimal(1), Decimal(3)) == "33%"
    assert formats.percent(Decimal(0), Decimal(3)) == "0%"
    assert formats.percent(Decimal(0), Decimal(0)) == formats.NO_VALUE
