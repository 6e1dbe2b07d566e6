"""Paths and findings as they were known at an instant.

The events that were admitted by then are copied into a database of their own, beside the warehouse
and in the same engine; a wheel of its own makes everything from them, and the usual reader answers.
So the answer is by construction what a warehouse would have told that had been given those events
only, and nothing that is kept is written. For one path only what it can hang on is copied: all that
is connected with it. The copy is dropped with the answer.

What is told is told with the declarations as they are now: no history of them is kept. `Known` says
when they were others then.
"""

import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from core.clock import Clock, SystemClock
from core.errors import BadInput
from core.settings import LineageSettings
from core.store import SqlFolder, Store
from lineage.config import Declarations
from lineage.ranges import hash_ranges
from lineage.reader import Reader
from lineage.refresh import Wheel

SQL = SqlFolder(__file__)
PIECE_EVENTS = 500_000
# A copy of a server's warehouse that is older belongs to nobody any more.
ABANDONED_SECONDS = 24 * 3600
# One copy at a time: each takes as much memory as a rebuild.
_COPYING = threading.Lock()
Tell = Callable[[str, int], None]
Also = Callable[[Store, datetime], None]


def _nothing_else(copy: Store, at: datetime) -> None:
    """Lineage alone copies events only."""


@dataclass(frozen=True)
class Known:
    """What an answer as of an instant rests on.

    `superseded_since` counts events that were there then and that a mended mapping has made
    otherwise since; they are not told.
    """

    at: datetime
    events: int
    declarations_changed: bool
    superseded_since: int


class Past:
    """Answers questions as of an instant, from the events that a warehouse had admitted by then."""

    def __init__(
        self, store: Store, bounds: LineageSettings, clock: Clock, declared: Declarations
    ) -> None:
        self._store = store
        self._bounds = bounds
        self._clock = clock
        self._declared = declared

    @contextmanager
    def reader(
        self, at: datetime, tell: Tell, key: str = "", also: Also = _nothing_else
    ) -> Iterator[tuple[Reader, Known]]:
        """Yield a reader of everything as known at `at`, or only of what is connected with the
        object of that key; `tell` is given what is done and how many events so far, and `also`
        copies what others keep.

        Raises BadInput when more events are needed than `lineage.as_of_events_max`.
        """
        with _COPYING:
            self._drop_abandoned()
            name = f"{self._prefix()}{int(SystemClock().now().timestamp())}_{uuid.uuid4().hex[:8]}"
            copy = self._store.beside(name)
            try:
                copy.migrate(self._clock.now())
                made = self._made(copy, at, tell, key)
                also(copy, at)
                yield made
            finally:
                copy.drop()
                copy.close()

    def _made(self, copy: Store, at: datetime, tell: Tell, key: str) -> tuple[Reader, Known]:
        extent = self._store.rows(SQL["as_of_extent"], {"at": at}, readonly=True)[0]
        params = {"copy": copy.database, "at": at, "batch": extent["batch"]}
        params["taken"] = extent["taken"]
        for table in ("sources", "batches"):
            self._store.command(SQL[f"as_of_{table}"], params)
        if key:
            events = self._copy_connected(params, key, tell)
        else:
            events = self._copy_everything(params, tell)
        superseded = self._store.value(SQL["as_of_superseded"], params | {"whole": int(not key)})
        tell("traced as of then", events)
        # The findings of controls are of whole groups, which a part of the events would not tell.
        declared = replace(self._declared, controls={}) if key else self._declared
        if events:
            Wheel(copy, self._bounds, self._clock, declared).rebuild()
        changed = extent["config"] not in ("", self._declared.version)
        return Reader(copy), Known(at, events, changed, int(superseded))

    def _copy_everything(self, params: dict[str, Any], tell: Tell) -> int:
        events = int(self._store.value(SQL["as_of_count"], params))
        self._check(events)
        for table in ("refused", "settled", "deliveries"):
            self._store.command(SQL[f"as_of_{table}"], params)
        pieces = list(hash_ranges(events, PIECE_EVENTS))
        for done, bounds in enumerate(pieces, start=1):
            self._store.command(SQL["as_of_range"], params | bounds)
            tell("copied", events * done // len(pieces))
        return events

    def _copy_connected(self, params: dict[str, Any], key: str, tell: Tell) -> int:
        """Copy the events of the object and of all that is connected with it, level by level."""
        object_type, _, object_id = key.partition("/")
        self._store.command(SQL["as_of_start"], params | {"type": object_type, "id": object_id})
        depth = self._walk(params, 0, tell)
        # What a conflict is about may be connected with more.
        while self._step("as_of_conflicts", params, depth):
            depth = self._walk(params, depth + 1, tell)
        self._step("as_of_context", params, depth)
        depth += 1
        events = self._take(params, depth, tell)
        while self._step("as_of_amendments", params, depth):
            depth += 1
            events = self._take(params, depth, tell)
        return events

    def _walk(self, params: dict[str, Any], depth: int, tell: Tell) -> int:
        """Take level after level from this one on; returns the last that had anything."""
        self._take(params, depth, tell)
        while self._step("as_of_grow", params, depth):
            depth += 1
            self._take(params, depth, tell)
        return depth

    def _step(self, name: str, params: dict[str, Any], depth: int) -> bool:
        self._store.command(SQL[name], params | {"depth": depth})
        found = self._store.value(SQL["as_of_frontier"], params | {"depth": depth + 1})
        return bool(found)

    def _take(self, params: dict[str, Any], depth: int, tell: Tell) -> int:
        self._store.command(SQL["as_of_events"], params | {"depth": depth})
        events = int(self._store.value(SQL["as_of_copied"], params))
        self._check(events)
        tell("copied", events)
        return events

    def _check(self, events: int) -> None:
        most = self._bounds.as_of_events_max
        if events > most:
            raise BadInput(
                f"--as-of needs {events:,} events copied and traced",
                f"more than the {most:,} of lineage.as_of_events_max",
                "Ask for one object with `revtrace trace TYPE/ID --as-of T`, or raise the setting",
            )

    def _prefix(self) -> str:
        return f"{self._store.database}_as_of_"

    def _drop_abandoned(self) -> None:
        """Drop what a killed process has left; only one process at a time is in an embedded
        warehouse, on a server others may be at work.
        """
        prefix, now = self._prefix(), SystemClock().now().timestamp()
        for row in self._store.rows(SQL["as_of_copies"], {"prefix": prefix}):
            begun = row["name"].removeprefix(prefix).split("_")[0]
            old = begun.isdigit() and now - int(begun) > ABANDONED_SECONDS
            if old or (self._store.embedded and begun.isdigit()):
                left = self._store.beside(row["name"])
                left.drop()
                left.close()
