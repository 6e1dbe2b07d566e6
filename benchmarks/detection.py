"""How well findings agree with what really went wrong (DESIGN section 6), kind by kind.

Quarters of several seeds and sizes are simulated, loaded through the real chain (the collector's
writer, embedded engine, refresh wheel), and what is found is held against the answer key beside the
events: a finding is right when the key names its kind, subkind and object, and the stage where an
object may be late or stuck at several. The table is printed and written into docs/detection.md.
"""

import json
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from rich.console import Console
from rich.table import Table

from alerts.finding import KINDS
from core.settings import Settings
from lineage.control import load_controls
from revtrace.operations import perform
from revtrace.simulate import simulate
from revtrace.wiring import App, build

PAGE = Path(__file__).resolve().parents[1] / "docs" / "detection.md"
BEGIN = "<!-- scores: written by `python -m benchmarks detection` -->"
END = "<!-- /scores -->"
# Quarters of both forms of fiscal calendar: by months for even seeds, 4-4-5 for odd ones.
AT = (datetime(2026, 10, 5, 15, tzinfo=UTC), datetime(2026, 8, 19, 16, 30, tzinfo=UTC))
CLOSE_AHEAD = timedelta(days=2)
# An object has one finding of a kind, but as many of these as stages.
STAGED = ("sla_breach/overdue", "sla_breach/late", "sla_breach/cutoff", "conformance/skipped_stage")
# Breaks of controls are rows of contracts and periods, not objects. A key that has the rows of all
# controls decides; one that has none names by its faults the control and contract of some.
BREAKS = "reconciliation_break"
COLUMNS = (
    *("seeded", "found", "right", "precision", "recall"),
    *("amount right", "near misses found", "settled besides"),
)

Item = tuple[str, ...]
Money = tuple[Decimal | None, str]


@dataclass
class Score:
    """Counts of one kind and subkind over all quarters."""

    seeded: int = 0
    found: int = 0
    right: int = 0
    amounts: int = 0
    amounts_right: int = 0
    near_misses_found: int = 0
    settled: int = 0
    wrong: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    def row(self, name: str) -> list[str]:
        return [
            name.rstrip("/"),
            f"{self.seeded:,}",
            f"{self.found:,}",
            f"{self.right:,}",
            _share(self.right, self.found),
            _share(self.right, self.seeded),
            _share(self.amounts_right, self.amounts),
            f"{self.near_misses_found:,}",
            f"{self.settled:,}",
        ]


def run(seeds: str, scales: str, console: Console) -> None:
    """Simulate, load, compare, print, and write the table into the documentation."""
    scores = {name: Score() for name in _names()}
    quarters: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for scale in (float(part) for part in scales.split(",")):
            for seed in (int(part) for part in seeds.split(",")):
                quarters.append(_quarter(Path(folder), seed, scale, scores))
                console.print(quarters[-1])
    rows = [score.row(name) for name, score in scores.items()]
    table = Table("kind", *COLUMNS, title="detection")
    for row in rows:
        table.add_row(*row)
    console.print(table)
    for name, score in scores.items():
        for what, which in (("found wrongly", score.wrong), ("not found", score.missed)):
            if which:
                console.print(f"{name.rstrip('/')} {what}: {', '.join(which[:3])}", style="dim")
    _write(rows, quarters, f"python -m benchmarks detection --seeds {seeds} --scales {scales}")


def _names() -> Iterator[str]:
    for kind, subkinds in KINDS.items():
        yield from (f"{kind}/{subkind}" for subkind in sorted(subkinds) or [""])


def _quarter(folder: Path, seed: int, scale: float, scores: dict[str, Score]) -> str:
    """Load one quarter into a database of its own and add what is found in it; says what it was."""
    now = AT[seed % 2]
    out = folder / f"{seed}-{scale:g}"
    summary = simulate(seed, scale, out, now + CLOSE_AHEAD, now)
    settings = Settings(
        home=out / "home",
        warehouse=SecretStr(f"chdb://{folder / 'warehouse'}"),
        database=f"quarter_{seed}_{scale:g}".replace(".", "_"),
        config=out / "config",
        now=now,
    )
    app = build(settings)
    started = time.perf_counter()
    try:
        _load(app, out / "events.ndjson")
        seconds = time.perf_counter() - started
        key = json.loads((out / "answer_key.json").read_text(encoding="utf-8"))
        compare(app.reader.findings(now), key, scores)
    finally:
        app.store.drop()
        app.close()
    told = f"{summary.events:,} events, {summary.paths:,} revenue events"
    return f"seed {seed}, scale {scale:g}: {told}, loaded and followed in {seconds:.0f} s"


def _load(app: App, events: Path) -> None:
    for operation, params in (("load", {"files": [str(events)], "format": "ndjson"}),
                              ("refresh", {})):  # fmt: skip
        perform(app, operation, params, lambda _: None)


def compare(findings: list[dict[str, Any]], key: dict[str, Any], scores: dict[str, Score]) -> None:
    """Add the findings of one quarter, held against its answer key, to the scores."""
    seeded = _seeded(key)
    told = {thing for miss in key["near_misses"] for thing in miss["objects"]}
    told |= {thing for fault in key["faults"] for thing in (*fault["objects"], *fault["roots"])}
    # Comparisons that come out now may have been off at their cutoff.
    told |= {_break_key(row) for row in key.get("controls", ()) if row["status"] != "break"}
    standing = []
    for one in findings:
        if _settled(one, told, seeded):
            scores[_item(one)[0]].settled += 1
        else:
            standing.append(one)
    found = _found(standing, by_row="controls" in key)
    innocent = {
        (miss["looks_like"], thing) for miss in key["near_misses"] for thing in miss["objects"]
    }
    for item in sorted(seeded.keys() | found.keys()):
        score = scores[item[0]]
        score.seeded += item in seeded
        score.found += item in found
        score.right += item in seeded and item in found
        if item not in found:
            score.missed.append(" ".join(item[1:]))
        elif item not in seeded:
            score.wrong.append(" ".join(item[1:]))
            score.near_misses_found += item[:2] in innocent
        elif seeded[item] is not None:
            score.amounts += 1
            score.amounts_right += seeded[item] in found[item]


def _seeded(key: dict[str, Any]) -> dict[Item, Money | None]:
    """What the key names, with its money where the key knows that of each object."""
    items: dict[Item, Money | None] = {
        (f"{BREAKS}/", thing): None for thing in _begun(key.get("controls", ()))
    }
    for fault in key["faults"]:
        name = f"{fault['kind']}/{fault['subkind']}"
        if fault["kind"] == BREAKS:
            if "controls" not in key:
                items[(f"{BREAKS}/", f"control/{fault['subkind']}/{fault['contract']}")] = None
            continue
        amount = fault["amount"]
        money = (None if amount is None else Decimal(amount), fault["currency"])
        for thing in fault["found_on"]:
            stage = (fault["stage"],) if name in STAGED else ()
            items[(name, thing, *stage)] = money if len(fault["found_on"]) == 1 else None
    return items


def _begun(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    """The finding of each broken row: what runs up is one from the period it began in."""
    on = {
        name
        for name, control in load_controls().items()
        if any(term.kind in ("cumulative", "balance") for term in control.terms())
    }
    broken: dict[tuple[str, ...], bool] = {}
    for row in sorted(rows, key=lambda row: row["period"]):
        grain = tuple(row[part] for part in ("control", "contract", "currency", "legal_entity"))
        is_broken = row["status"] == "break"
        if is_broken and not (row["control"] in on and broken.get(grain)):
            yield _break_key(row)
        broken[grain] = is_broken


def _break_key(row: dict[str, Any]) -> str:
    """The object of the finding that a broken row of a control is."""
    grain = ("control", "contract", "currency", "period", "legal_entity")
    return "/".join(["control", *(row[part] for part in grain)])


def _settled(one: dict[str, Any], told: set[str], seeded: dict[Item, Money | None]) -> bool:
    """Whether it is over, of an object that the key tells of, which names what stands: a near miss
    that was put right, say. What is over of anything else is as wrong as what is open.
    """
    return one["status"] == "resolved" and one["object"] in told and _item(one) not in seeded


def _item(one: dict[str, Any]) -> Item:
    if one["kind"] == BREAKS:
        return (f"{BREAKS}/", one["object"])
    name = f"{one['kind']}/{one['subkind']}"
    return (name, one["object"], *((one["stage"],) if name in STAGED else ()))


def _found(findings: list[dict[str, Any]], by_row: bool) -> dict[Item, list[Money]]:
    items: dict[Item, list[Money]] = {}
    for one in findings:
        name = f"{one['kind']}/{one['subkind']}"
        if name == "silent_source/" and one["status"] == "resolved":
            continue  # silence that is over; the key names who is silent now
        if one["kind"] == BREAKS:
            thing = one["object"] if by_row else "/".join(one["object"].split("/")[:3])
            items.setdefault((f"{BREAKS}/", thing), [])
            continue
        amount = None if one["amount"] is None else Decimal(one["amount"])
        items.setdefault(_item(one), []).append((amount, one["currency"]))
    return items


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else ""


def _write(rows: list[list[str]], quarters: list[str], command: str) -> None:
    """Put the table between its markers; the rest of the page stays."""
    lines = [BEGIN, "", f"    {command}", ""]
    lines += [f"- {quarter}" for quarter in quarters]
    lines += ["", f"| kind | {' | '.join(COLUMNS)} |", "|---|" + "---:|" * len(COLUMNS)]
    lines += [f"| {row[0]} | {' | '.join(row[1:])} |" for row in rows]
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(before + "\n".join([*lines, "", END]) + after, encoding="utf-8")
