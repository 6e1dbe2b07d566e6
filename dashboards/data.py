"""The one door of the pages to the warehouse, and the one place that caches.

A page asks with the texts of its .sql files and bound parameters. What it asks together runs side
by side, readonly and bounded in time, and is kept for `dashboards.cache_seconds`. Streamlit runs
every view of a page in a new thread; queries run in a few threads of ours, so that there are a few
engine clients and not one for every click.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from threading import Lock
from typing import Any, NamedTuple, ParamSpec, Protocol, TypeVar

import streamlit as st

from alerts.cases import Cases, Entry, Person
from alerts.reader import Reader as AlertReader
from collector.reader import CollectorReader
from core.clock import Clock
from core.errors import BadInput, ConfigInvalid, NotFound
from core.settings import Settings, load_settings
from core.store import Store
from lineage.reader import Reader as LineageReader

Row = dict[str, Any]
Rows = list[Row]

P = ParamSpec("P")
Answer = TypeVar("Answer")


class Runbook(Protocol):
    """What a page shows of a runbook."""

    @property
    def title(self) -> str: ...
    @property
    def text(self) -> str: ...


class Query(NamedTuple):
    """A statement and the values that are bound into it; `now` is always bound besides."""

    sql: str
    params: Mapping[str, Any] = {}


@dataclass
class _Door:
    """What `configure` was given, and what is made of it when a page first asks."""

    store: Store
    settings: Settings
    clock: Clock
    alerts: AlertReader | None
    threads: ThreadPoolExecutor

    @cached_property
    def load(self) -> Callable[[str, dict[str, Query]], dict[str, Rows]]:
        return _kept(self.settings, _load)

    @cached_property
    def trace(self) -> Callable[[str, str, datetime], Row | None]:
        return _kept(self.settings, _trace)

    @cached_property
    def find(self) -> Callable[[str, str, datetime], Row]:
        return _kept(self.settings, _find)

    @cached_property
    def reconciliation(self) -> Callable[[str, datetime, dict[str, str], int, int], Rows]:
        return _kept(self.settings, _reconciliation)

    @cached_property
    def coverage(self) -> Callable[[str, datetime, str], Row]:
        return _kept(self.settings, _coverage)

    @cached_property
    def risk(self) -> Callable[[str, datetime, dict[str, str]], Row]:
        return _kept(self.settings, _risk)

    @cached_property
    def aging(self) -> Callable[[str, datetime, dict[str, str]], Rows]:
        return _kept(self.settings, _aging)

    @cached_property
    def now(self) -> Callable[[str], datetime]:
        return _kept(self.settings, _now)


_doors: list[_Door] = []
_opening = Lock()


def configure(
    store: Store,
    settings: Settings,
    clock: Clock | None = None,
    alerts: AlertReader | None = None,
) -> None:
    """Say which warehouse the pages show; the composition root calls it before it serves.

    A second call replaces the first. Without a reader of alerts, pages cannot show runbooks.
    """
    close()
    threads = ThreadPoolExecutor(settings.dashboards.query_threads, thread_name_prefix="page-query")
    _doors.append(_Door(store, settings, clock or settings.clock(), alerts, threads))


def close() -> None:
    """Let go of the warehouse and of all that was kept; whoever opened the store closes it."""
    while _doors:
        _doors.pop().threads.shutdown(wait=True, cancel_futures=True)
    st.cache_data.clear()


def settings() -> Settings:
    return _door().settings


def now() -> datetime:
    """Return the instant that pages judge by; it stands still for `cache_seconds`."""
    return _door().now(_warehouse())


def runbook(named: str, kind: str, subkind: str) -> Runbook | None:
    """Return the runbook that a finding names, else that of its kind; None when there is none."""
    alerts = _door().alerts
    if alerts is None:
        return None
    names = (
        named.rsplit("/", 1)[-1].removesuffix(".md"),
        f"{kind}-{subkind}",
        f"{kind}-unknown",
        kind,
    )
    return next((found for name in names if (found := alerts.runbook(name))), None)


def load(queries: Mapping[str, Query]) -> dict[str, Rows]:
    """Run queries side by side and return their rows by name. Raises errors of core.errors."""
    at = now()
    bound = {name: Query(query.sql, {"now": at, **query.params}) for name, query in queries.items()}
    return _door().load(_warehouse(), bound)


def trace(key: str) -> Row | None:
    """Return the path of a revenue event, or what is known of any other object, by any of its
    names; None when the key names none.
    """
    return _door().trace(_warehouse(), key, now())


def find(key: str) -> Row:
    """Return what a key leads to: `matches`, `paths` (some of them) and `paths_total`."""
    return _door().find(_warehouse(), key, now())


def reconciliation(asked: Mapping[str, str], limit: int, offset: int) -> Rows:
    """Return some rows of the controls, a break with what explains it, the largest first."""
    return _door().reconciliation(_warehouse(), now(), dict(asked), limit, offset)


def coverage(process: str) -> Row:
    """Return how much can be followed back, of one process or of all when it is ''."""
    return _door().coverage(_warehouse(), now(), process)


def _coverage(warehouse: str, at: datetime, process: str) -> Row:
    door = _door()
    reader = LineageReader(door.store)
    found: Row = door.threads.submit(reader.coverage, at, process).result()
    return found


def risk(asked: Mapping[str, str]) -> Row:
    """Return what will miss the next books closes: `closings`, `steps` and `hops`."""
    return _door().risk(_warehouse(), now(), dict(asked))


def aging(asked: Mapping[str, str]) -> Rows:
    """Return findings by age, how many and with how much money."""
    return _door().aging(_warehouse(), now(), dict(asked))


def decide(entry: Entry, person: Person) -> None:
    """Write what a person decides about a finding, and forget what is kept, which says otherwise.
    Raises errors of core.errors.
    """
    door = _door()
    cases = Cases(door.store, LineageReader(door.store), door.clock)
    door.threads.submit(cases.add, entry, person).result()
    st.cache_data.clear()


def refusal(row: Mapping[str, Any]) -> dict[str, str]:
    """Return why a record in quarantine made no event, by its mapping, and what is wanted of it."""
    door = _door()
    reader = CollectorReader(door.store)
    found: dict[str, str] = door.threads.submit(reader.refusal, row, row["record"]).result()
    return found


def _trace(warehouse: str, key: str, at: datetime) -> Row | None:
    door = _door()
    reader = LineageReader(door.store)
    try:
        told: Row = door.threads.submit(reader.trace, key, at, 0).result()
    except (BadInput, NotFound):
        return None
    return told


def _find(warehouse: str, key: str, at: datetime) -> Row:
    door = _door()
    reader, limit = LineageReader(door.store), door.settings.dashboards.found_max
    found: Row = door.threads.submit(reader.find, key, at, limit).result()
    return found


def _reconciliation(
    warehouse: str, at: datetime, asked: dict[str, str], limit: int, offset: int
) -> Rows:
    door = _door()

    def ask() -> Rows:
        shown = (limit, offset)
        return LineageReader(door.store).reconciliation(at, largest_first=shown, **asked)

    return door.threads.submit(ask).result()


def _risk(warehouse: str, at: datetime, asked: dict[str, str]) -> Row:
    door = _door()
    told: Row = door.threads.submit(LineageReader(door.store).risk, at, **asked).result()
    return told


def _aging(warehouse: str, at: datetime, asked: dict[str, str]) -> Rows:
    door = _door()
    found: Rows = door.threads.submit(LineageReader(door.store).aging, at, **asked).result()
    return found


def _load(warehouse: str, queries: dict[str, Query]) -> dict[str, Rows]:
    """Ask the warehouse; its name is an argument so that it is part of the cache's key."""
    threads = _door().threads
    asked = {name: threads.submit(_rows, query) for name, query in queries.items()}
    return {name: answer.result() for name, answer in asked.items()}


def _rows(query: Query) -> Rows:
    door = _door()
    limits = {"max_execution_time": door.settings.dashboards.query_timeout_seconds}
    return door.store.rows(query.sql, query.params, settings=limits, readonly=True)


def _now(warehouse: str) -> datetime:
    return _door().clock.now()


def _kept(settings: Settings, asker: Callable[P, Answer]) -> Callable[P, Answer]:
    """Keep the answers of a function for as long, and as many of them, as the settings say."""
    bounds = settings.dashboards
    keep = st.cache_data(
        ttl=bounds.cache_seconds, max_entries=bounds.cache_entries_max, show_spinner=False
    )
    return keep(asker)


def _warehouse() -> str:
    store = _door().store
    return f"{store.dsn} {store.database}"


def _door() -> _Door:
    """Return the door; a process that serves only pages opens its own from the settings."""
    with _opening:
        if not _doors:
            _open_from_settings()
        return _doors[-1]


def _open_from_settings() -> None:
    found = load_settings()
    if found.embedded():
        raise ConfigInvalid(
            "the pages",
            "an embedded warehouse belongs to one process",
            "Use `revtrace up`, or set REVTRACE_WAREHOUSE to a ClickHouse server",
        )
    store = Store.open(found.dsn(), database=found.database, engine=found.engine)
    configure(store, found)
