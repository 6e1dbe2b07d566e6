"""Fiscal periods as dates: calendar months or weeks in the pattern 4-4-5. No clocks, no zones."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

PERIODS_A_YEAR = 12
# The years that the engine's DateTime64 can hold: a period outside of them cannot have an event.
YEAR_FIRST, YEAR_LAST = 1900, 2299

_NAME = re.compile(r"(\d{4})-(\d{2})\Z", re.ASCII)
_WEEKS_BEFORE = (0, 4, 8, 13, 17, 21, 26, 30, 34, 39, 43, 47)


@dataclass(frozen=True, slots=True)
class FiscalRule:
    """How a fiscal year is cut into twelve periods named `year-number`, as in `2026-09`.

    With months the year starts on the first of `month`. With 4-4-5 it starts on the `weekday`
    (Monday is 0) nearest to `month`/`day`; the 53rd week of a long year is in its last period.
    `named_by` says whether the year's name is that of the calendar year it starts or ends in.
    """

    scheme: Literal["months", "4-4-5"] = "months"
    month: int = 1
    day: int = 1
    weekday: int = 0
    named_by: Literal["start", "end"] = "end"

    def span(self, name: str) -> tuple[date, date] | None:
        """First day of the period and first day after it; None when there is no such period."""
        match = _NAME.match(name)
        if match is None:
            return None
        year, number = int(match[1]), int(match[2])
        if not (YEAR_FIRST <= year <= YEAR_LAST and 1 <= number <= PERIODS_A_YEAR):
            return None
        start_year = year - self._years_ahead()
        last = number == PERIODS_A_YEAR
        first = self._first_day(start_year, number)
        return first, self._first_day(start_year + last, 1 if last else number + 1)

    def name_of(self, day: date) -> str:
        """The period that a day lies in."""
        start_year = day.year + 1
        while self._first_day(start_year, 1) > day:
            start_year -= 1
        number = 1
        while number < PERIODS_A_YEAR and self._first_day(start_year, number + 1) <= day:
            number += 1
        return f"{start_year + self._years_ahead():04d}-{number:02d}"

    def _first_day(self, start_year: int, number: int) -> date:
        if self.scheme == "months":
            months = self.month - 1 + number - 1
            return date(start_year + months // 12, months % 12 + 1, 1)
        anchor = date(start_year, self.month, self.day)
        nearest = (self.weekday - anchor.weekday() + 3) % 7 - 3
        return anchor + timedelta(days=nearest, weeks=_WEEKS_BEFORE[number - 1])

    def _years_ahead(self) -> int:
        """By how much the name of a year is above the calendar year of its anchor day."""
        return int(self.named_by == "end" and (self.month, self.day) != (1, 1))
