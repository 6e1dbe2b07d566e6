"""The sample quarter, admitted by the real collector and traced, beside what really happened."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from collector.delivery import Delivery
from collector.source import load_sources
from collector.writer import Writer
from core.calendar import load_calendars
from core.clock import FixedClock
from core.settings import CollectorSettings, LineageSettings
from core.store import Store
from lineage.config import Declarations
from lineage.control import Control
from lineage.failure import load_failures
from lineage.process import load_processes
from lineage.reader import Reader
from lineage.refresh import Wheel
from tests.revtrace.simulate.quarter_files import QuarterFiles

BOUNDS = LineageSettings(calendar_year_first=2025, calendar_year_last=2027)


@dataclass
class Traced:
    """What lineage tells of a quarter, and what really happened in it."""

    store: Store
    wheel: Wheel
    files: QuarterFiles

    def findings(self, kind: str, *subkinds: str) -> list[dict[str, Any]]:
        found = Reader(self.store).findings(self.files.now, kind=kind)
        return [one for one in found if not subkinds or one["subkind"] in subkinds]

    def seeded(self, kind: str, *subkinds: str) -> list[dict[str, Any]]:
        return [
            fault
            for fault in self.files.key["faults"]
            if fault["kind"] == kind and (not subkinds or fault["subkind"] in subkinds)
        ]


def trace(
    store: Store,
    files: QuarterFiles,
    deliveries: int = 1,
    controls: Mapping[str, Control] | None = None,
) -> Traced:
    """Admit the quarter in some deliveries, with a turn after each."""
    clock = FixedClock(files.now)
    writer = Writer(store, clock, CollectorSettings())
    writer.open()
    writer.sources.declare(load_sources(files.folder / "config").values())
    calendars = load_calendars(files.folder / "config" / "calendars")
    processes = load_processes(files.folder / "config" / "processes")
    declared = Declarations(processes, calendars, load_failures(), controls or {})
    wheel = Wheel(store, BOUNDS, clock, declared)
    for body in _bodies(files.lines, deliveries):
        writer.commit([Delivery(body)])
        wheel.run_until_idle()
    return Traced(store, wheel, files)


def _bodies(lines: list[str], deliveries: int) -> Iterator[bytes]:
    size = -(-len(lines) // deliveries)
    for start in range(0, len(lines), size):
        yield "\n".join(lines[start : start + size]).encode()
