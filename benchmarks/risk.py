"""How well revenue at risk is foretold (DESIGN section 6, issue 5): a back-test.

Quarters are simulated as they were known at several instants before the books close, each loaded
through the real chain, and asked what will miss. The same quarter as it was at the close says what
did. Beside it stand two answers that need no method: everything that is open misses, and nothing
does. The table is printed and written into docs/risk.md.
"""

import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from rich.console import Console
from rich.table import Table

from core.settings import Settings
from core.store import SqlFolder
from revtrace.operations import perform
from revtrace.simulate import simulate
from revtrace.wiring import App, build

SQL = SqlFolder(__file__)
PAGE = Path(__file__).resolve().parents[1] / "docs" / "risk.md"
BEGIN = "<!-- scores: written by `python -m benchmarks risk` -->"
END = "<!-- /scores -->"
# Quarters of both forms of fiscal calendar: by months for even seeds, 4-4-5 for odd ones.
CLOSES = (datetime(2026, 10, 7, 15, tzinfo=UTC), datetime(2026, 8, 21, 16, 30, tzinfo=UTC))
LATER = timedelta(seconds=1)
WORLDS = {"plain": False, "busy": True}
# Shares of the money of the close, in its own currency: first of what was known when it was asked,
# then with what came later.
COLUMNS = (
    *("cases", "missed", "foretold", "error", "error of all open", "error of nothing", "in range"),
    *("in all: missed", "foretold", "error", "in range", "range"),
)


@dataclass
class Score:
    """One horizon, over currencies and quarters; amounts as shares of their own close."""

    cases: int = 0
    sums: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    within: int = 0
    within_in_all: int = 0

    def add(self, told: dict[str, Any], truth: dict[str, Any]) -> None:
        """Add one currency of one close."""
        whole = Decimal(truth["amount"])
        known, missed = truth["missed_known"], truth["missed_amount"]
        self.cases += 1
        self.within += told["at_risk_low"] <= known <= told["at_risk_high"]
        self.within_in_all += told["in_all_low"] <= missed <= told["in_all_high"]
        for name, amount in {
            "missed": known,
            "foretold": told["at_risk"],
            "error": abs(told["at_risk"] - known),
            "error_all": abs(told["open_amount"] - known),
            "error_none": known,
            "missed_in_all": missed,
            "foretold_in_all": told["in_all"],
            "error_in_all": abs(told["in_all"] - missed),
            "range": told["in_all_high"] - told["in_all_low"],
        }.items():
            self.sums[name] += amount / whole

    def row(self) -> list[str]:
        def shares(*names: str) -> list[str]:
            return [f"{self.sums[name] / self.cases * 100:.2f} %" for name in names]

        return [
            f"{self.cases}",
            *shares("missed", "foretold", "error", "error_all", "error_none"),
            f"{self.within / self.cases:.0%}",
            *shares("missed_in_all", "foretold_in_all", "error_in_all"),
            f"{self.within_in_all / self.cases:.0%}",
            *shares("range"),
        ]


def run(seeds: str, scales: str, console: Console) -> None:
    """Simulate, ask, compare, print, and write the table into the documentation."""
    scores: dict[tuple[str, str], Score] = {}
    for world in WORLDS:
        for scale in (float(part) for part in scales.split(",")):
            for seed in (int(part) for part in seeds.split(",")):
                with tempfile.TemporaryDirectory() as folder:
                    _quarter(Path(folder), (seed, scale, world), scores)
                console.print(f"{world} quarter, seed {seed}, scale {scale:g}: asked and compared")
    rows = [[world, horizon, *score.row()] for (world, horizon), score in scores.items()]
    table = Table("quarter", "before the close", *COLUMNS, title="revenue at risk")
    for row in rows:
        table.add_row(*row)
    console.print(table)
    _write(rows, f"python -m benchmarks risk --seeds {seeds} --scales {scales}")


def horizons(close: datetime) -> Iterator[tuple[str, datetime]]:
    """The instants at which it is asked: so many working days earlier, and half a day."""
    for number in (5, 3, 2, 1):
        at = close
        for _ in range(number):
            at -= timedelta(days=1)
            while at.weekday() > 4:
                at -= timedelta(days=1)
        yield f"{number} business day{'s' if number > 1 else ''}", at
    yield "12 hours", close - timedelta(hours=12)


def _quarter(
    folder: Path, which: tuple[int, float, str], scores: dict[tuple[str, str], Score]
) -> None:
    """Ask at every instant what will miss, then hold it against what did."""
    seed, _, world = which
    close = CLOSES[seed % 2]
    asked = dict(horizons(close))
    told: dict[str, dict[str, Any]] = {}
    app = None
    try:
        for name, at in sorted(asked.items(), key=lambda item: item[1]):
            app = _grow(app, folder, which, at)
            rows = app.reader.risk(at)["closings"]
            told[name] = {row["currency"]: row for row in rows if row["books_close"] == close}
        app = _grow(app, folder, which, close + LATER)
        for name, at in asked.items():
            params = {"now": close + LATER, "close": close, "asked": at}
            score = scores.setdefault((world, name), Score())
            for truth in app.store.rows(SQL["missed_close"], params, readonly=True):
                if truth["amount"] and truth["currency"] in told[name]:
                    score.add(told[name][truth["currency"]], truth)
    finally:
        if app is not None:
            app.store.drop()
            app.close()


def _grow(app: App | None, folder: Path, which: tuple[int, float, str], at: datetime) -> App:
    """Bring in what is known by an instant and was not before: a later one only adds lines."""
    seed, scale, world = which
    close = CLOSES[seed % 2]
    out, before = folder / "now", folder / "before.ndjson"
    simulate(seed, scale, out, close, at, WORLDS[world])
    known = set(before.read_text(encoding="utf-8").splitlines()) if before.exists() else set()
    lines = (out / "events.ndjson").read_text(encoding="utf-8").splitlines()
    fresh = folder / "fresh.ndjson"
    fresh.write_text("".join(f"{line}\n" for line in lines if line not in known), encoding="utf-8")
    (out / "events.ndjson").replace(before)
    if app is None:
        app = build(
            Settings(
                home=folder / "home",
                warehouse=SecretStr(f"chdb://{folder / 'warehouse'}"),
                config=out / "config",
                now=close + LATER,
            )
        )
    if fresh.stat().st_size:
        perform(app, "load", {"files": [str(fresh)], "format": "ndjson"}, lambda _: None)
        perform(app, "refresh", {}, lambda _: None)
    return app


def _write(rows: list[list[str]], command: str) -> None:
    """Put the table between its markers; the rest of the page stays."""
    titles = ("quarter", "before the close", *COLUMNS)
    lines = [BEGIN, "", f"    {command}", ""]
    lines += [f"| {' | '.join(titles)} |", "|---|---|" + "---:|" * len(COLUMNS)]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(before + "\n".join([*lines, "", END]) + after, encoding="utf-8")
