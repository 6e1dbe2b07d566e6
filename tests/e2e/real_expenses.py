"""The expense declarations read by themselves, with nothing of the program: what must come out."""

import csv
import gzip
import statistics
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

APPROVED = "Declaration FINAL_APPROVED by SUPERVISOR"
REQUESTED = "Request Payment"
PAID = "Payment Handled"
MISSING = "Declaration REJECTED by MISSING"
PREFIX = "declaration "


@dataclass
class Declaration:
    """One declaration: its money in cents, and when each activity was done."""

    amount: Decimal = Decimal(0)
    done: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))

    def first(self, activity: str) -> datetime | None:
        return min(self.done[activity], default=None)

    def ends_with(self, activity: str) -> bool:
        """Say whether this was done after everything else."""
        others = [at for name, times in self.done.items() if name != activity for at in times]
        return bool(self.done[activity]) and max(self.done[activity]) > max(others)


@dataclass
class Expenses:
    """All declarations by their key as an object, and the number of rows."""

    rows: int
    activities: set[str]
    declarations: dict[str, Declaration]

    def with_all(self, *activities: str) -> set[str]:
        return {
            key
            for key, each in self.declarations.items()
            if all(each.done[activity] for activity in activities)
        }

    def hop(self, start: str, end: str) -> list[float]:
        """Seconds from the first `start` to the first `end` of those that have both."""
        return [
            (min(each.done[end]) - min(each.done[start])).total_seconds()
            for key in self.with_all(start, end)
            for each in [self.declarations[key]]
        ]

    def median(self, start: str, end: str) -> tuple[int, float]:
        seconds = self.hop(start, end)
        return len(seconds), statistics.median(seconds)


def read(path: Path) -> Expenses:
    """Read the file as a stranger would."""
    found: dict[str, Declaration] = defaultdict(Declaration)
    rows, activities = 0, set()
    for row in _rows(path):
        rows += 1
        activities.add(row["activity"])
        each = found[f"expense_declaration/{row['declaration'].removeprefix(PREFIX)}"]
        each.amount = Decimal(row["amount"]).quantize(Decimal("0.01"), ROUND_HALF_EVEN)
        each.done[row["activity"]].append(datetime.fromisoformat(row["timestamp"]))
    return Expenses(rows, activities, dict(found))


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)
