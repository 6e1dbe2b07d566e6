"""The composition root: the one place that knows everybody and builds things.

Parts are built when they are first asked for, so that a question to the warehouse does not pay for
the collector, and are built once, so that threads share them. Everything else in revtrace gets what
it needs in its constructor.
"""

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

from core.clock import Clock
from core.errors import ConfigInvalid, RevtraceError
from core.settings import Settings
from core.store import Migrator, Store

if TYPE_CHECKING:
    from core.calendar import Calendars
    from lineage.process import Process

Part = TypeVar("Part")

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
    def processes(self) -> "dict[str, Process]":
        """The processes, shipped and overlaid."""

        def make() -> "dict[str, Process]":
            from lineage.process import load_processes

            return load_processes(self._overlay("processes"))

        return self._part("processes", make)

    @property
    def calendars(self) -> "Calendars":
        """The calendars, shipped and overlaid."""

        def make() -> "Calendars":
            from core.calendar import load_calendars

            return load_calendars(self._overlay("calendars"))

        return self._part("calendars", make)

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

    def _overlay(self, folder: str) -> Any:
        return self.settings.config / folder if self.settings.config else None

    def _part(self, name: str, make: Callable[[], Part]) -> Part:
        with self._lock:
            if name not in self._built:
                self._built[name] = make()
            return cast(Part, self._built[name])
