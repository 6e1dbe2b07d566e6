"""Documents are plain JSON, whatever the values came from."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

from revtrace.document import plain


class Colour(StrEnum):
    RED = "red"


@dataclass
class Thing:
    amount: Decimal
    at: datetime


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (None, None),
        (True, True),
        (3, 3),
        (1.5, 1.5),
        ("text", "text"),
        (Colour.RED, "red"),
        (Decimal("1234.5000"), "1234.50"),
        (Decimal("0.1230"), "0.123"),
        (Decimal("-7.0000"), "-7.00"),
        (Decimal("1000"), "1000"),
        (Decimal("1E+3"), "1000"),
        (datetime(2026, 9, 30, 12, tzinfo=UTC), "2026-09-30T12:00:00Z"),
        (
            datetime(2026, 9, 30, 14, 0, 0, 5, tzinfo=timezone(timedelta(hours=2))),
            "2026-09-30T12:00:00.000005Z",
        ),
        (date(2026, 9, 30), "2026-09-30"),
        (timedelta(minutes=1), 60.0),
        (Path("a") / "b", "a/b"),
        (b"\xff", "\ufffd"),
        ({1: (Decimal("0.10"), {"b", "a"})}, {"1": ["0.10", ["a", "b"]]}),
        (
            Thing(Decimal(1), datetime(2026, 1, 1, tzinfo=UTC)),
            {"amount": "1", "at": "2026-01-01T00:00:00Z"},
        ),
    ],
)
def test_value_becomes_plain(value: Any, wanted: Any) -> None:
    assert plain(value) == wanted
    assert json.loads(json.dumps(plain(value))) == wanted
