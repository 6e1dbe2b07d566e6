"""Target: all controls on 1 M money events from zero in 20 seconds, in proportion to what is new
afterwards (issue 5).

The baseline is the engine itself, which sums up the same events once by the grain of the controls.
Money is told by approved time, billing events, invoices, journals and contracts; then as many new
events come as the row says, on objects that are spread over all contracts or close together.
"""

import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table

from core.calendar import load_calendars
from core.settings import LineageSettings
from core.store import SqlFolder, Store
from lineage.config import Declarations, write_declarations
from lineage.control import load_controls
from lineage.reconcile import Controls

SQL = SqlFolder(__file__)
SOURCES = (("psa", "psa"), ("netsuite-us", "erp"), ("salesforce", "crm"))
# How many, and whether on one contract.
NEW = ((1_000, False), (10_000, False), (100_000, False), (1_000, True))
# Type, prefix, action, source, measure, delay in seconds, whether some are missing.
MONEY = (
    ("time_entry", "TE-", "approved", "psa", "approved", 0, 0),
    ("billing_event", "BE-", "created", "psa", "billed", 7200, 0),
    ("invoice", "INV-", "posted", "netsuite-us", "billed", 14400, 1),
    ("journal_posting", "JE-", "posted", "netsuite-us", "recognized", 21600, 0),
)


def run(events: int, console: Console) -> None:
    """Generate, run from zero, then runs of new events, and print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(f"chdb://{Path(folder) / 'warehouse'}")
        store.migrate()
        try:
            _measure(store, events, console)
        finally:
            store.close()


def _measure(store: Store, events: int, console: Console) -> None:
    history = _History(store, events // len(MONEY))
    history.generate()
    total = int(store.value(SQL["count_events"]))
    baseline = _seconds(lambda: store.rows(SQL["sum_events"]))
    controls = Controls(store, LineageSettings(), load_controls())
    table = Table("what", "seconds", "processor seconds", "ratio", title="controls")
    zero = _seconds(lambda: controls.rebuild(2, history.batch))
    rows, breaks = store.rows(SQL["count_reconciliation"])[0].values()
    table.add_row(*_row("the engine sums the events up once", baseline, zero))
    table.add_row(*_row(f"from zero: {total:,} money events", zero, zero))
    for turn, (new, together) in enumerate(NEW, start=3):
        if new * 2 > total:
            continue
        before = history.batch
        history.approve_again(new, together=together)
        run = partial(controls.run, turn, before, history.batch)
        where = "on one contract" if together else "all over"
        count = int(store.value(SQL["count_batch"], {"batch": history.batch}))
        table.add_row(*_row(f"{count:,} new events {where}", _seconds(run), zero))
    console.print(table)
    console.print(f"{rows:,} rows of controls, {breaks:,} of them breaks")


def _seconds(call: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the wall, and of the processors: the engine runs in this process."""
    started, worked = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - started, time.process_time() - worked


def _row(what: str, spent: tuple[float, float], zero: tuple[float, float]) -> list[str]:
    return [what, f"{spent[0]:.2f}", f"{spent[1]:.2f}", f"{spent[1] / zero[1]:.3f}"]


class _History:
    """Writes events straight into the table: the controls are measured, not the collector."""

    def __init__(self, store: Store, objects: int) -> None:
        self._store = store
        self._objects = objects
        self.batch = 0
        rows = [[name, role, 1] for name, role in SOURCES]
        store.insert("sources", ["name", "role", "version"], rows)
        write_declarations(store, Declarations({}, load_calendars()), LineageSettings())

    def generate(self) -> None:
        for type_, prefix, action, source, measure, delay, gaps in MONEY:
            self._put((type_, prefix, action, source, measure), self._objects, delay, gaps=gaps)
        self._put(("contract", "CON-", "activated", "salesforce", "contract_value"), 2_000, 0)

    def approve_again(self, new: int, *, together: bool = False) -> None:
        """New words on so many of the time entries, which change what they count."""
        what = ("time_entry", "TE-", "approved", "psa", "approved")
        step = 2_000 if together else max(1, self._objects // new)
        count = min(new * step, self._objects)
        self._put(what, count, 86_400, step=step)

    def _put(
        self,
        what: tuple[str, str, str, str, str],
        count: int,
        delay: int,
        *,
        step: int = 1,
        gaps: int = 0,
    ) -> None:
        self.batch += 1
        names = ("type", "prefix", "action", "source", "measure")
        params = dict(zip(names, what, strict=True)) | {
            "count": count,
            "delay": delay,
            "batch": self.batch,
            "step": step,
            "gaps": gaps,
        }
        self._store.command(SQL["generate_money"], params)
        columns = ["batch", "admitted_at", "rows"]
        at = datetime.now(UTC)
        self._store.insert("batches", columns, [[self.batch, at, count // step]])
