"""The composition root: the one place that knows everybody and builds things.

Parts are built when they are first asked for, so that a question to the warehouse does not pay for
the collector, and are built once, so that threads share them. Everything else in revtrace gets what
it needs in its constructor.
"""

import logging
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from core.clock import Clock, SystemClock
from core.errors import ConfigInvalid, RevtraceError
from core.settings import Settings
from core.store import Migrator, SqlFolder, Store
from core.telemetry import without_secrets
from revtrace import demo, overlay

if TYPE_CHECKING:
    from fastapi import FastAPI
    from streamlit.starlette import App as DashboardsApp

    from alerts.cases import Cases
    from alerts.rule import Rule
    from alerts.runbook import Runbooks
    from alerts.schedule import Schedule
    from collector.access import Access
    from collector.mapping import AnyMapping
    from collector.redaction import Redactor
    from collector.source import Source
    from collector.writer import Writer
    from core.calendar import Calendars
    from lineage.config import Declarations
    from lineage.control import Control
    from lineage.failure import FailurePattern
    from lineage.match import Match
    from lineage.process import Process
    from lineage.reader import Reader
    from lineage.refresh import Wheel

Part = TypeVar("Part")
SQL = SqlFolder(__file__)
CORRECT_CONFIG = "Correct REVTRACE_CONFIG"

log = logging.getLogger(__name__)


def build(settings: Settings) -> "App":
    """Return the parts of revtrace for these settings; nothing is opened yet."""
    return App(settings)


class App:
    """The parts of one process of revtrace."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock: Clock = settings.clock()
        self._built: dict[str, Any] = {}
        self._closers: list[Callable[[], None]] = []
        self._lock = threading.RLock()

    @property
    def bare_store(self) -> Store:
        """The warehouse as it is found, its schema perhaps behind this program."""

        def make() -> Store:
            found = self.settings
            if found.embedded():
                found.home.mkdir(mode=0o700, parents=True, exist_ok=True)
            store = Store.open(
                found.dsn(), database=found.database, engine=found.engine, cluster=found.cluster
            )
            self._closers.append(store.close)
            return store

        return self._part("bare_store", make)

    @property
    def store(self) -> Store:
        """The warehouse with this program's schema.

        An embedded one is migrated here; a server is migrated by its services or `revtrace
        migrate`, so that a question never changes what others use.
        """

        def make() -> Store:
            store = self.bare_store
            if store.embedded:
                store.migrate(self.clock.now())
            elif Migrator(store).pending():
                raise ConfigInvalid(
                    "the schema of the warehouse is behind this revtrace",
                    "",
                    "Run `revtrace migrate`, or start `revtrace collect` or `revtrace work`",
                )
            return store

        return self._part("store", make)

    @property
    def warehouse(self) -> str:
        """Where the warehouse is, without its password: for documents and screens."""
        return without_secrets(self.settings.dsn())

    @property
    def config_folder(self) -> Path | None:
        """The folder that overlays the shipped declarations: the user's, or that of the demo."""
        return self.settings.config or demo.config_folder(self.settings.home)

    @property
    def processes(self) -> "dict[str, Process]":
        """The processes, shipped and overlaid."""
        from lineage.process import load_processes

        return self._part("processes", lambda: load_processes(self._overlay("processes")))

    @property
    def calendars(self) -> "Calendars":
        """The calendars, shipped and overlaid."""
        from core.calendar import load_calendars

        return self._part("calendars", lambda: load_calendars(self._overlay("calendars")))

    @property
    def failures(self) -> "tuple[FailurePattern, ...]":
        """The failure catalogue, shipped and overlaid."""
        from lineage.failure import load_failures

        return self._part("failures", lambda: load_failures(self._overlay("failures")))

    @property
    def controls(self) -> "dict[str, Control]":
        """The reconciliation controls, shipped and overlaid."""
        from lineage.control import load_controls

        return self._part("controls", lambda: load_controls(self._overlay("controls")))

    @property
    def matches(self) -> "dict[str, Match]":
        """The match rules, shipped and overlaid, also those that are off."""
        from lineage.match import load_matches

        return self._part("matches", lambda: load_matches(self._overlay("matches")))

    @property
    def declared(self) -> "Declarations":
        """What paths and findings are made with."""

        def make() -> "Declarations":
            from lineage.config import Declarations

            told = (self.processes, self.calendars, self.failures, self.controls, self.matches)
            return Declarations(*told)

        return self._part("declared", make)

    @property
    def wheel(self) -> "Wheel":
        """The refresh wheel. On a server a newer one of another process takes its place."""

        def make() -> "Wheel":
            from revtrace.observing import ObservedWheel

            wheel = ObservedWheel(
                self.store, self.settings.lineage, self.clock, self.declared, self.cases
            )
            self._closers.append(wheel.leave)
            return wheel

        return self._part("wheel", make)

    @property
    def reader(self) -> "Reader":
        """The read door of lineage."""
        from lineage.reader import Reader

        return self._part("reader", lambda: Reader(self.store))

    @property
    def cases(self) -> "Cases":
        """What people decide about findings."""
        from alerts.cases import Cases

        return self._part("cases", lambda: Cases(self.store, self.reader, self.clock))

    @property
    def writer(self) -> "Writer":
        """The admitting writer; MUST be the only one that admits into its store."""

        def make() -> "Writer":
            from collector.writer import Journal, Writer

            journal = Journal(self.settings.home)
            return Writer(self.store, self.receiving_clock, self.settings.collector, journal)

        return self._part("writer", make)

    @property
    def access(self) -> "Access":
        """Who may send: the tokens, and the check of this process's doors."""

        def make() -> "Access":
            from revtrace.wiring_access import build_access

            return build_access(self.store, self.receiving_clock, self.settings)

        return self._part("access", make)

    @property
    def receiving_clock(self) -> Clock:
        """When things are received: real time, also when old data is judged as of a fixed instant.

        Only an instant ahead of real time holds here too: nothing is received before it happens.
        """
        real = SystemClock()
        return self.clock if self.clock.now() > real.now() else real

    @property
    def sources(self) -> "dict[str, Source]":
        """The declared sources, shipped and overlaid."""

        def make() -> "dict[str, Source]":
            from collector.source import load_sources

            return load_sources(self.config_folder)

        return self._part("sources", make)

    def read_sources_again(self) -> None:
        """Take the sources' files as they are now, so that a mended one holds without a restart;
        raises ConfigInvalid and then keeps what was.
        """
        from collector.source import load_sources

        found = load_sources(self.config_folder)
        self.open_writer()
        self.writer.declare(found.values())
        with self._lock:
            self._built["sources"] = found

    def redactor(self) -> "Redactor":
        """What the declared sources do not want to be kept, to search for it; needs their keys."""
        from collector.redaction import redactor_of

        return redactor_of(self.sources.values())

    @property
    def mappings(self) -> "dict[str, AnyMapping]":
        """The mappings that a source may name as its system, by the names of their files."""
        from collector.source import load_mappings

        return load_mappings(self.config_folder)

    @property
    def rules(self) -> "dict[str, Rule]":
        """The alert rules that are on, shipped and overlaid."""

        def make() -> "dict[str, Rule]":
            from revtrace.wiring_alerts import build_rules

            return build_rules(self._overlay("rules"))

        return self._part("rules", make)

    @property
    def runbooks(self) -> "Runbooks":
        """What people do about findings, shipped and overlaid."""

        def make() -> "Runbooks":
            from alerts.runbook import Runbooks

            return Runbooks(self._overlay("runbooks"))

        return self._part("runbooks", make)

    def alert_schedule(self, ready: Callable[[], bool]) -> "Schedule":
        """Make the schedule of alerts; `ready` says whether findings can be trusted just now."""
        from revtrace.wiring_alerts import build_schedule

        declared = (self.rules, self.runbooks)
        return build_schedule(self.store, self.settings, self.clock, self.reader, declared, ready)

    def collector_application(self) -> "FastAPI":
        """The receivers, in front of this process's writer."""

        def make() -> "FastAPI":
            from revtrace.wiring_access import build_application

            later = self._built.get("open_later")
            return build_application(self.writer, self.access, self.settings, later)

        return self._part("collector_application", make)

    def receivers(self) -> "FastAPI | None":
        """The receivers where this process runs them, None where it does not."""
        return cast("FastAPI | None", self._built.get("collector_application"))

    def dashboards_application(self) -> "DashboardsApp":
        """Make the pages, on this process's own store."""
        from alerts.reader import Reader as AlertReader
        from dashboards import data
        from dashboards.server import asgi_app

        alerts = AlertReader(self.store, self.rules, self.runbooks)
        data.configure(self.store, self.settings, self.clock, alerts)
        self._closers.append(data.close)
        return asgi_app(self.settings)

    def check(self) -> None:
        """Read every declaration, so that a wrong one stops the start; raises ConfigInvalid."""
        if self.config_folder is not None and not self.config_folder.is_dir():
            raise ConfigInvalid(f"the folder {self.config_folder}", "is not there", CORRECT_CONFIG)
        for each in overlay.unread(self.config_folder) if self.config_folder else []:
            if each.misplaced:
                raise ConfigInvalid(f"{each.path}", f"is not read: {each.why}", "Rename or move it")
            log.info("%s", each)
        for names in self.declarations().values():
            names()

    def declarations(self) -> dict[str, Callable[[], Iterable[str]]]:
        """Each kind of declaration, and how to read the names of its files."""
        return overlay.declared(self)

    def open(self, *, migrate: bool) -> None:
        """Open the warehouse; a service that owns tables brings the schema up to date."""
        if migrate:
            self.bare_store.migrate(self.clock.now())
        _ = self.store

    def open_writer(self) -> None:
        """Make again what a crash left undone, and register the declared sources; once is
        enough.
        """

        def make() -> int:
            # Before the opening: one that fails half-way must not keep the lease either.
            self._closers.append(self.writer.close)
            made_again = self.writer.open(self.sources.values())
            self.writer.declare(self.sources.values())
            return made_again

        self._part("open_writer", make)

    def open_later(self) -> None:
        """Build on a warehouse that is away just now: the receivers open it when it is back."""
        found = self.settings
        store = Store(found.dsn(), found.database, found.engine, found.cluster)

        def open_now() -> None:
            store.create()
            store.migrate(self.clock.now())
            self.open_writer()

        with self._lock:
            self._closers.append(store.close)
            self._built |= {"bare_store": store, "store": store, "open_later": open_now}
            # What they redact must not lie in the spool either.
            self.writer.expect(self.sources.values())

    def is_empty(self) -> bool:
        """Say whether nothing has ever been received."""
        return not self.store.value(SQL["any_delivery"])

    def rest(self) -> None:
        """Give memory back that a piece of work has used and nobody needs now."""
        self.store.release_memory()

    def close(self) -> bool:
        """Close what was built, the last first; says whether all went well."""
        well = True
        with self._lock:
            while self._closers:
                try:
                    self._closers.pop()()
                except RevtraceError as error:
                    well = False
                    log.error("closing: %s", error)
            self._built.clear()
        return well

    def schema_version(self) -> int:
        """Return the number of the newest migration that the warehouse has."""
        return Migrator(self.bare_store).version()

    def _overlay(self, folder: str) -> Path | None:
        return self.config_folder / folder if self.config_folder else None

    def _part(self, name: str, make: Callable[[], Part]) -> Part:
        with self._lock:
            if name not in self._built:
                self._built[name] = make()
            return cast(Part, self._built[name])
