"""The billing cycles of a contract: which work is billed together, and when the run takes place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from revtrace.simulate.firm import PERIODICAL, Contract
from revtrace.simulate.quarter import Period, Quarter, Window, at_local, next_workday

# Engagement in the event's context -> the process that bills it.
PROCESS_OF = {
    "time_and_materials": "time_and_materials",
    "milestone": "milestone_billing",
    "fixed_fee": "fixed_fee",
    "percent_complete": "percent_complete",
    "retainer": "retainer",
    "managed_service": "managed_services",
}
_TIME_DAYS, _EXPENSE_DAYS = 7, 14
_MILESTONE_EVERY = 21
_NIGHT_RUN, _CLOSE_RUN = 6.0, 15.5


@dataclass(frozen=True)
class Cycle:
    """One billing run of one contract; its work is approved on the local day `approval`."""

    contract: Contract
    process: str
    index: int
    period: Period
    first: date
    last: date
    approval: date
    run_at: datetime
    closing: bool  # approved or billed in the rush of a close

    @property
    def name(self) -> str:
        return f"{self.contract.number:05}-{self.index:02}"

    @property
    def version(self) -> str:
        return self.contract.version_on(self.run_at.date())


def cycles(contract: Contract, quarter: Quarter) -> Iterator[Cycle]:
    """All cycles of the quarter and of the first days after it, in order of their kind and day."""
    if contract.engagement == "time_and_materials":
        for window in quarter.windows(_TIME_DAYS):
            if window.last >= contract.starts:
                yield _of_window(contract, quarter, window, "time_and_materials")
        for window in quarter.windows(_EXPENSE_DAYS):
            if contract.number % 2 == 0 and window.last >= contract.starts:
                yield _of_window(contract, quarter, window, "expenses")
        return
    for index, day in enumerate(_days_of(contract, quarter)):
        period = quarter.period_of(day)
        approval = day
        if contract.engagement == "percent_complete":
            approval = next_workday(period.last_day)
        closing = quarter.in_close(approval) or quarter.in_close(next_workday(approval))
        run_at = at_local(approval, 12.0, contract.entity.zone)
        process = PROCESS_OF[contract.engagement]
        yield Cycle(contract, process, index, period, day, day, approval, run_at, closing)


def _of_window(contract: Contract, quarter: Quarter, window: Window, process: str) -> Cycle:
    zone, done = contract.entity.zone, window.workdays()[-1]
    # In quiet weeks managers and bill runs have their own days; at a close everything is at once.
    approval = next_workday(done, 1 + (contract.number % 3 == 0))
    run_at = at_local(next_workday(approval, 1 + contract.number % 2), _NIGHT_RUN, zone)
    closing = quarter.in_close(next_workday(approval, 2)) or quarter.in_close(approval)
    if closing:
        approval = next_workday(done)
        run_at = at_local(approval, _CLOSE_RUN, zone)
    index = window.index + (50 if process == "expenses" else 0)
    first = max(window.start, contract.starts)
    return Cycle(
        contract, process, index, window.period, first, window.last, approval, run_at, closing
    )


def _days_of(contract: Contract, quarter: Quarter) -> list[date]:
    if contract.engagement in PERIODICAL:
        return [next_workday(period.start - timedelta(days=1)) for period in quarter.all_periods]
    if contract.engagement == "percent_complete":
        return [period.last_day for period in quarter.periods if period.end > contract.starts]
    if contract.engagement == "fixed_fee":
        # Instalments fall due together with the periods, most of them in the last days.
        offset = contract.number % 9
        found = [period.last_day - timedelta(days=offset) for period in quarter.periods]
    else:
        first = quarter.start + timedelta(days=5 + contract.number * 5 % _MILESTONE_EVERY)
        last = quarter.end + timedelta(days=7)
        found = [first + timedelta(days=_MILESTONE_EVERY * step) for step in range(5)]
        found = [day for day in found if day < last]
    return [next_workday(day - timedelta(days=1)) for day in found if day > contract.starts]
