"""Faulty releases of source systems: for some hours what they send cannot be read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from revtrace.simulate.firm import EXPENSE, HCM
from revtrace.simulate.quarter import Quarter, at_local
from revtrace.simulate.tape import Fact

_LASTS, _MENDED_AFTER = timedelta(hours=5), timedelta(hours=21)


@dataclass(frozen=True)
class Release:
    """A faulty release of a source: for some hours a field of its submissions cannot be read."""

    source: str
    object_type: str
    field: str
    subkind: str
    start: datetime

    def spoils(self, fact: Fact) -> bool:
        same = fact.source == self.source and fact.key[0] == self.object_type
        return same and self.start <= fact.at < self.start + _LASTS

    @property
    def mended_at(self) -> datetime:
        """When the hotfix is out, and what was spoilt is sent again."""
        return self.start + _MENDED_AFTER

    def mended(self, fact: Fact) -> Fact:
        return replace(fact, lag=self.mended_at - fact.at)

    def broken(self, fact: Fact) -> Fact:
        # A release that adds a field adds it where the contract has no place for it.
        return replace(fact, broken=self.field)


def releases(quarter: Quarter) -> tuple[Release, ...]:
    """Two releases in the middle of the quarter, each on a day on which many submit."""
    expenses = quarter.windows(14)[2].workdays()[-1]
    times = quarter.windows(7)[6].workdays()[-1]
    return (
        Release(
            EXPENSE, "expense_item", "money.amount", "schema_drift", at_local(expenses, 14.0, "UTC")
        ),
        Release(
            HCM, "time_entry", "context.cost_center", "unmapped_field", at_local(times, 14.0, "UTC")
        ),
    )
