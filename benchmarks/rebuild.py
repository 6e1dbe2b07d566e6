"""Target: rebuild from zero, and what a turn costs after it (DESIGN section 10).

The baseline is the engine itself: it writes the same events once into a table of the same order, in
the same run. Events are generated in the engine: time entries, four to a billing event, five of
those to an invoice, each with its journal posting; and invoices of 5,000 time entries as a case of
their own. Tracing is measured by revenue events all over history, and by such an invoice.
"""

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.quarter import EVENTS_A_TIME_ENTRY, ROOTS_OF_BIG, Quarter
from benchmarks.settling import settle
from benchmarks.statements import Watched
from core.calendar import load_calendars
from core.clock import SystemClock
from core.settings import EngineSettings, LineageSettings
from core.store import SqlFolder, Store
from lineage.config import Declarations
from lineage.failure import load_failures
from lineage.process import load_processes
from lineage.reader import Reader
from lineage.refresh import Wheel

SQL = SqlFolder(__file__)
BEFORE_CLOSE = datetime(2026, 9, 24, 12, tzinfo=UTC)
# With little memory: when a statement spills, as a part of it, and how many objects it handles.
SPILLING = 8
OBJECTS_A_MIB = 40
# What a statement may take of a history of fifty million events.
STATEMENT_SECONDS_MAX = 3600


def run(
    events: int,
    console: Console,
    profile: Path | None = None,
    memory_mib: int = 0,
    chunk_objects: int = 0,
    keep: Path | None = None,
) -> None:
    """Generate, rebuild, turn, and print the figures.

    `profile` is a folder for where the time of each part goes, by statement. `memory_mib` is the
    most that the engine may take, for a history that is larger: statements then handle fewer
    objects at once, unless `chunk_objects` says how many. `keep` is where the warehouse is kept.
    """
    engine, bounds = {"query_timeout_seconds": STATEMENT_SECONDS_MAX}, LineageSettings()
    if memory_mib:
        limit = memory_mib << 20
        engine |= {"memory_bytes_total_max": limit, "spill_bytes": limit // SPILLING}
        bounds = LineageSettings(chunk_objects_max=memory_mib * OBJECTS_A_MIB)
    if chunk_objects:
        bounds = LineageSettings(chunk_objects_max=chunk_objects)
    with nullcontext(keep) if keep else tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "warehouse"
        store = Store.open(f"chdb://{place}", engine=EngineSettings(**engine))
        store.migrate()
        try:
            _measure(store, events, bounds, console, profile)
        finally:
            store.close()


def _measure(
    store: Store, events: int, bounds: LineageSettings, console: Console, profile: Path | None
) -> None:
    table = Table("what", "seconds", "events/s", "ratio to the engine's insert", title="rebuild")
    table.add_column("of it detectors")
    quarter = Quarter(store, int(events / EVENTS_A_TIME_ENTRY))
    quarter.generate()
    total = int(store.value(SQL["count_events"]))
    store.command(SQL["copy_table"])
    insert = _seconds(lambda: store.command(SQL["copy_events"]))
    table.add_row(*_row("the engine writes the same events", insert, total, insert, total))
    declared = Declarations(load_processes(), load_calendars(), load_failures())
    watched = Watched(store)
    wheel = Wheel(store if profile is None else watched, bounds, SystemClock(), declared)
    with _peak() as peak:
        rebuild = _seconds(wheel.rebuild)
    if profile is not None:
        profile.mkdir(parents=True, exist_ok=True)
        (profile / "rebuild.txt").write_text(watched.table())
    table.add_row(*_row("rebuild from zero", rebuild, total, insert, total))
    detecting = _Detecting(wheel)
    for touch, name in _touches(quarter):
        count = touch()
        detecting.seconds = 0.0
        turn = _seconds(wheel.turn)
        row = _row(f"turn: {name.format(count=count)}", turn, count, insert, total)
        table.add_row(*row, f"{detecting.seconds:.2f}")
    console.print(table)
    _trace(store, quarter, console)
    _ask_as_pages(store, console)
    held = int(store.value(SQL["uncompressed_bytes"])) >> 20
    console.print(
        f"{total:,} events, {held:,} MiB with what is derived; peak memory of the process in the "
        f"rebuild {peak[0] >> 20:,} MiB"
    )


def _touches(quarter: Quarter) -> Iterator[tuple[Callable[[], int], str]]:
    """What turns are measured of: each writes events, says how many, and what they are."""
    yield quarter.generate_day, "{count:,} events of new objects"
    yield lambda: quarter.touch_invoices(True), "{count:,} events on recent invoices"
    yield lambda: quarter.touch_invoices(False), "{count:,} events on invoices all over history"
    yield quarter.touch_objects, "{count:,} events on objects all over history"
    yield quarter.generate_big, f"{ROOTS_OF_BIG:,}-root invoices are new"
    yield quarter.touch_big, f"one event on {ROOTS_OF_BIG:,}-root invoices"


class _Detecting:
    """How long the detectors of a wheel take, with what they note and gather."""

    def __init__(self, wheel: Wheel) -> None:
        self.seconds = 0.0
        detection = wheel._detection
        # What runs others is measured by them.
        for name in ("note", "run"):
            setattr(detection, name, self._timed(getattr(detection, name)))

    def _timed(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def measured(*args: Any, **more: Any) -> Any:
            begun = time.perf_counter()
            try:
                return call(*args, **more)
            finally:
                self.seconds += time.perf_counter() - begun

        return measured


def _trace(store: Store, quarter: "Quarter", console: Console) -> None:
    """Time what `revtrace trace` and `revtrace find` ask, by keys all over history, once what the
    turns have written is merged.
    """
    settle(store)
    reader, now = Reader(store), SystemClock().now()
    table = Table("asked by", "median ms", "p95 ms", "of", title="trace and find")
    for kind, keys in quarter.keys().items():
        times = [_seconds(lambda key=key: reader.trace(key, now, paths=1)) for key in keys]
        table.add_row(f"trace by {kind}", *_spread(times))
    for kind, keys in quarter.context_keys(store).items():
        times = [_seconds(lambda key=key: reader.find(key, now, limit=20)) for key in keys]
        table.add_row(f"find by {kind}", *_spread(times))
    console.print(table)


def _ask_as_pages(store: Store, console: Console) -> None:
    """Time what pages ask of all paths, a week before the quarter closes."""
    reader, table = Reader(store), Table("what pages ask", "seconds", title="pages")
    asked: dict[str, Callable[..., Any]] = {
        "risk (overview, close)": reader.risk,
        "coverage": reader.coverage,
        "causes (findings)": reader.causes,
        "aging (close)": reader.aging,
    }
    for name, ask in asked.items():
        table.add_row(name, f"{_seconds(lambda ask=ask: ask(BEFORE_CLOSE)):.2f}")
    console.print(table)


def _spread(times: list[float]) -> list[str]:
    ordered = sorted(times)
    p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    return [f"{ordered[len(ordered) // 2] * 1000:,.0f}", f"{p95 * 1000:,.0f}", str(len(ordered))]


def _row(what: str, seconds: float, events: int, insert: float, total: int) -> list[str]:
    rate = events / seconds
    return [what, f"{seconds:.2f}", f"{rate:,.0f}", f"{rate / (total / insert):.3f}"]


def _seconds(call: Any) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


@contextmanager
def _peak() -> Iterator[list[int]]:
    """The largest resident size of the process within the block, in bytes, sampled."""
    peak, done = [0], threading.Event()

    def sample() -> None:
        while not done.wait(0.05):
            pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
            peak[0] = max(peak[0], pages * 4096)

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        done.set()
        thread.join()
