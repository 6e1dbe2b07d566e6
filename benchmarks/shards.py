"""What it costs to have the events on two shards: rebuild and turn beside one server, in one run.

Both servers of the cluster share the cores of this machine, so this says what the way between them
costs and nothing of what a second machine would bring.
"""

import tempfile
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.quarter import EVENTS_A_TIME_ENTRY, TOUCHED, Quarter
from core.calendar import load_calendars
from core.clock import SystemClock
from core.settings import LineageSettings
from core.store import Store
from lineage.config import Declarations
from lineage.failure import load_failures
from lineage.process import load_processes
from lineage.refresh import Wheel
from tests.server.shards import spread, start

# That of docs/sharding.md.
DATABASE = "revtrace"


def run(events: int, console: Console) -> None:
    """Measure one server alone, then the two, and print the ratio."""
    table = Table(
        "what", "one server s", "two shards s", "ratio", title=f"shards, {events:,} events"
    )
    with tempfile.TemporaryDirectory() as folder:
        servers = start(Path(folder))
        try:
            first, second = (Store.open(each.dsn(), database=DATABASE) for each in servers)
            alone = Store.open(servers[0].dsn(), database="alone")
            for store in (first, second, alone):
                store.migrate()
            spread(first, second)
            one, two = (_measured(store, events) for store in (alone, first))
            for what, seconds in one.items():
                ratio = two[what] / seconds
                table.add_row(what, f"{seconds:.2f}", f"{two[what]:.2f}", f"{ratio:.2f}")
            for store in (first, second, alone):
                store.close()
        finally:
            for each in servers:
                each.kill()
    console.print(table)


def _measured(store: Store, events: int) -> dict[str, float]:
    quarter = Quarter(store, int(events / EVENTS_A_TIME_ENTRY))
    seconds = {"insert": _seconds(quarter.generate)}
    declared = Declarations(load_processes(), load_calendars(), load_failures())
    wheel = Wheel(store, LineageSettings(), SystemClock(), declared)
    seconds["rebuild"] = _seconds(wheel.rebuild)
    quarter.touch_invoices(recent=False)
    seconds[f"turn: {TOUCHED:,} events all over history"] = _seconds(wheel.turn)
    return seconds


def _seconds(call: Any) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started
