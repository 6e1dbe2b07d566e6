"""A simulated quarter read back from its files, as a stranger to the program would read it."""

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from revtrace.simulate import Summary, simulate

# Two days before the books of a third quarter by calendar months close.
NOW = datetime(2026, 10, 5, 15, tzinfo=UTC)
# A day in the middle of a month, where a 4-4-5 quarter is made up around the close.
ANY_DAY = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)
CLOSE_AFTER = timedelta(days=2)


@dataclass
class QuarterFiles:
    folder: Path
    summary: Summary
    now: datetime

    @cached_property
    def lines(self) -> list[str]:
        return (self.folder / "events.ndjson").read_text(encoding="utf-8").splitlines()

    @cached_property
    def records(self) -> list[dict[str, Any]]:
        """Every record once, in the order of its first arrival."""
        return [json.loads(line) for line in dict.fromkeys(self.lines)]

    @cached_property
    def events(self) -> list[dict[str, Any]]:
        """The records that the contract admits."""
        return [record for record in self.records if not spoilt_field(record)]

    @cached_property
    def of_object(self) -> dict[str, list[dict[str, Any]]]:
        found = defaultdict(list)
        for event in self.events:
            found[object_key(event)].append(event)
        return found

    @cached_property
    def key(self) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads((self.folder / "answer_key.json").read_text())
        return loaded

    @cached_property
    def paths(self) -> list[dict[str, Any]]:
        text = (self.folder / "paths.ndjson").read_text()
        return [json.loads(line) for line in text.splitlines()]


def spoilt_field(record: dict[str, Any]) -> str:
    """The field that a faulty release wrote against the contract, nothing in a sound record."""
    if not isinstance(record.get("money", {}).get("amount", ""), str):
        return "money.amount"
    return "context.cost_center" if "cost_center" in record.get("context", {}) else ""


def object_key(event: dict[str, Any]) -> str:
    return f"{event['object']['type']}/{event['object']['id']}"


def written(
    folder: Path, *, seed: int = 7, scale: float = 1.0, now: datetime = NOW
) -> QuarterFiles:
    """Simulate into `folder` and hand back what lies there."""
    return QuarterFiles(folder, simulate(seed, scale, folder, now + CLOSE_AFTER, now), now)


def written_busy(folder: Path, *, seed: int, scale: float, ahead: timedelta) -> QuarterFiles:
    """A quarter whose close is busy, as it was known so long before its books close."""
    close = NOW + CLOSE_AFTER
    summary = simulate(seed, scale, folder, close, close - ahead, busy=True)
    return QuarterFiles(folder, summary, close - ahead)
