"""Adds up the rows of the overview's one query. Pure; currencies are kept apart, always."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from dashboards.glossary import OPEN_STATES, STUCK_STATES

Row = Mapping[str, Any]
Amounts = dict[str, Decimal]


@dataclass
class Tally:
    """Some revenue events: how many, their money by currency, and how many have none."""

    paths: int = 0
    amounts: Amounts = field(default_factory=dict)
    without_amount: int = 0

    def add(self, row: Row, paths: str = "paths", amount: str = "amount") -> None:
        self.paths += row[paths]
        self.without_amount += row["without_amount"] if paths == "paths" else 0
        if row[amount]:
            self.amounts[row["currency"]] = (
                self.amounts.get(row["currency"], Decimal(0)) + row[amount]
            )


@dataclass
class Closing:
    """A books-close instant, the entities whose books it closes, and what is still open for it."""

    at: datetime
    entities: list[str]
    open: Tally
    stuck: Tally


def tally(rows: Iterable[Row], keep: Callable[[Row], bool]) -> Tally:
    """Add up the rows that are kept."""
    total = Tally()
    for row in rows:
        if keep(row):
            total.add(row)
    return total


def by_state(rows: Iterable[Row]) -> dict[str, Tally]:
    totals: dict[str, Tally] = {}
    for row in rows:
        totals.setdefault(row["state"], Tally()).add(row)
    return totals


def due_soon(rows: Iterable[Row]) -> Tally:
    """What is on time now and due within a day."""
    total = Tally()
    for row in rows:
        total.add(row, "due_soon", "due_soon_amount")
    return total


def grouped(rows: Iterable[Row], *names: str) -> dict[tuple[str, ...], dict[str, Tally]]:
    """Open revenue events by the named columns, then by state."""
    groups: dict[tuple[str, ...], dict[str, Tally]] = {}
    for row in rows:
        if row["state"] in OPEN_STATES:
            group = groups.setdefault(tuple(row[name] for name in names), {})
            group.setdefault(row["state"], Tally()).add(row)
    return groups


def next_closing(rows: Iterable[Row], now: datetime) -> Closing | None:
    """The nearest books close ahead, over all entities; None when no revenue event has one."""
    rows = list(rows)
    ahead = [row for row in rows if row["cutoff_at"] is not None and row["cutoff_at"] > now]
    if not ahead:
        return None
    at = min(row["cutoff_at"] for row in ahead)
    these = [row for row in ahead if row["cutoff_at"] == at]
    return Closing(
        at=at,
        entities=sorted({row["legal_entity"] for row in these if row["legal_entity"]}),
        open=tally(these, lambda row: row["awaited"] and row["state"] in OPEN_STATES),
        stuck=tally(these, lambda row: row["awaited"] and row["state"] in STUCK_STATES),
    )


def missed_closings(rows: Iterable[Row], now: datetime) -> Tally:
    """What has still not reached the stage that the books it belongs to closed without."""
    awaited = (row for row in rows if row["awaited"] and row["cutoff_at"] is not None)
    return tally(awaited, lambda row: row["state"] in OPEN_STATES and row["cutoff_at"] <= now)
