"""Time is an argument: logic takes a Clock and never asks the operating system."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Anything that can say what time it is."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands still until it is moved: for tests, and to judge old data as of then."""

    def __init__(self, at: datetime) -> None:
        if at.tzinfo is None:
            raise ValueError(
                "a fixed clock needs an instant with an offset, e.g. 2026-09-30T12:00:00Z"
            )
        self._at = at.astimezone(UTC)

    def now(self) -> datetime:
        return self._at

    def move(self, by: timedelta) -> None:
        """Move the clock; a negative step is allowed, since real clocks jump back too."""
        self._at += by
