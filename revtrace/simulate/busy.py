"""A busy close, on request: invoices queue for review, and what a system refused is repaired.

The plain quarter bills everything within the hour, and nothing that failed is ever repaired, so
that its answer key is the same at any instant. Revenue at risk is about what is on its way, so its
back-test needs queues: they are longer at a close, by more or less in each entity and period, and
some of what failed is put right within days. What is late because of them is no seeded fault.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from revtrace.simulate.cycles import Cycle
from revtrace.simulate.quarter import at_local, is_workday

_OPENS, _CLOSES = 9.0, 17.0
# Working hours: the middle one, and how far they scatter (sigma of their logarithm).
_REVIEW_CALM, _REVIEW_CLOSE = (1.5, 0.5), (6.0, 1.0)
_REPAIR = (14.0, 0.9)
_REPAIRED_SHARE = 0.7
_PRESSURE = (0.6, 1.7)


class BusyClose:
    """How long each bill run waits; everything follows from the seed and the run alone."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def reviewed(self, cycle: Cycle, at: datetime) -> timedelta:
        """How long after `at` an invoice of this run is released."""
        middle, scatter = _REVIEW_CLOSE if cycle.closing else _REVIEW_CALM
        return self._waits("review", cycle, at, (middle * self._pressure(cycle), scatter))

    def repaired(self, cycle: Cycle, at: datetime) -> timedelta | None:
        """How long after `at` what failed in this run goes through; None: nobody gets to it."""
        if Random(f"{self._seed}/repair/{cycle.process}/{cycle.name}").random() > _REPAIRED_SHARE:
            return None
        return self._waits("repaired", cycle, at, _REPAIR)

    def _pressure(self, cycle: Cycle) -> float:
        """No two closes are alike: people are away, or the quarter end brings twice the work."""
        if not cycle.closing:
            return 1.0
        entity, period = cycle.contract.entity.id, cycle.period.name
        return Random(f"{self._seed}/pressure/{entity}/{period}").uniform(*_PRESSURE)

    def _waits(
        self, what: str, cycle: Cycle, at: datetime, spread: tuple[float, float]
    ) -> timedelta:
        rng = Random(f"{self._seed}/{what}/{cycle.process}/{cycle.name}/{at.isoformat()}")
        hours = rng.lognormvariate(math.log(spread[0]), spread[1])
        return _working(at, hours, cycle.contract.entity.zone) - at


def _working(at: datetime, hours: float, zone: str) -> datetime:
    """The instant so many working hours after another."""
    day, left = at.astimezone(ZoneInfo(zone)).date(), timedelta(hours=hours)
    while True:
        if is_workday(day):
            opens, closes = max(at, at_local(day, _OPENS, zone)), at_local(day, _CLOSES, zone)
            if opens < closes and left <= closes - opens:
                return opens + left
            left -= max(closes - opens, timedelta(0))
        day += timedelta(days=1)
