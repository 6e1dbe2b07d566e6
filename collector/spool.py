"""The spool: a bounded queue of deliveries on disk, for the time the warehouse is away or slow.

One SQLite file in WAL mode, synced before anybody is told that a delivery is kept. Whoever owns the
home folder owns the spool; others may look at it. Nothing here knows why a delivery is spooled or
when it goes on: that is `collector.spooling`.
"""

import json
import logging
import os
import sqlite3
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from collector.delivery import Delivery
from collector.refusal import UNREADABLE
from collector.synced_file import as_text, is_broken, open_synced, set_aside
from collector.told import DEFAULTS, told_of, untold
from core.errors import Overloaded, StoreUnavailable
from core.settings import CollectorSettings
from core.store import SqlFolder

LOG = logging.getLogger("revtrace.collector")
SQL = SqlFolder(__file__)
FILE = "spool.sqlite"
PLAIN = DEFAULTS["protocol"]
# Pages that a long absence left behind are given back to the disk once nothing is in them.
SHRINK_BYTES = 64 * 1024**2
LOOK_SECONDS = 5.0


@dataclass(frozen=True)
class Depth:
    """What lies in a spool; `postponed` are those that could not be committed alone."""

    deliveries: int = 0
    bytes: int = 0
    oldest: datetime | None = None
    postponed: int = 0

    def told(self, now: datetime) -> dict[str, Any]:
        """As documents show it."""
        return {
            "deliveries": self.deliveries,
            "bytes": self.bytes,
            "oldest_seconds": self.age_seconds(now) if self.oldest else None,
            "postponed": self.postponed,
        }

    def age_seconds(self, now: datetime) -> float:
        """How long the oldest waits; 0 where none does."""
        return max((now - self.oldest).total_seconds(), 0.0) if self.oldest else 0.0

    @property
    def in_turn(self) -> int:
        """Deliveries whose turn has not come yet: new ones wait behind them."""
        return self.deliveries - self.postponed


@dataclass
class _Change:
    """A transaction, and what it adds."""

    connection: sqlite3.Connection
    deliveries: int = 0
    bytes: int = 0


class Spool:
    """Deliveries on disk; any thread may call it. The file is made by the first delivery."""

    def __init__(self, home: Path, settings: CollectorSettings) -> None:
        self.path = home / FILE
        self._settings = settings
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._depth = Depth()
        self._broken = False

    def open(self) -> Depth:
        """Take over what an earlier process left; nothing is made where there is none."""
        with self._lock:
            if self._connection is None and self.path.exists():
                self._connect()
            return self._depth

    def close(self) -> None:
        """Let go of the file; what is in it stays for the next start."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def depth(self) -> Depth:
        """What lies in it now; never waits for the disk."""
        return self._depth

    def room(self, deliveries: int, size: int) -> bool:
        """Say whether so much more may be put beside what is there, and leaves room on the disk."""
        depth, bound = self.depth(), self._settings
        return (
            depth.deliveries + deliveries <= bound.spool_deliveries_max
            and depth.bytes + size <= bound.spool_bytes_max
            and self._free_bytes() >= bound.spool_free_bytes_min + size
        )

    def _free_bytes(self) -> int:
        """What is left of the disk for whoever is not its superuser."""
        try:
            told = os.statvfs(self.path.parent)
        except OSError:
            # There is no folder yet, or it cannot be looked at: writing will tell.
            return sys.maxsize
        return told.f_bavail * told.f_frsize

    def put(self, deliveries: Sequence[Delivery]) -> None:
        """Keep deliveries, all or none; they are durable on return.

        Raises Overloaded beyond the bounds, StoreUnavailable when the disk takes no more.
        """
        rows = [_row(one) for one in deliveries]
        size = sum(row["bytes"] for row in rows)
        with self._lock:
            if not self.room(len(rows), size):
                raise spool_full()
            with self._changing() as change:
                change.connection.executemany(SQL["spool_put"], rows)
                change.deliveries, change.bytes = len(rows), size

    def next(self, deliveries_max: int, bytes_max: int, *, skipped: int = 0) -> list[Delivery]:
        """The deliveries whose turn it is, at least one while there is any.

        One whose bytes have changed on disk is handed out as it is, marked as unreadable.
        """
        with self._lock:
            connection = self._connection
            if connection is None:
                if not self._broken:
                    return []
                connection = self._connect()
            found: list[Delivery] = []
            size = 0
            attempts = 0
            bounds = {"skipped": skipped, "deliveries_max": deliveries_max}
            with self._translated(), closing(connection.cursor()) as rows:
                for row in rows.execute(SQL["spool_next"], bounds):
                    size += row["bytes"]
                    # One that failed alone goes alone again, or it would fail its neighbours.
                    alone = row["attempts"] or attempts
                    if found and (alone or size > bytes_max):
                        break
                    attempts = row["attempts"]
                    found.append(_delivery(row))
            return found

    def remove(self, deliveries: Sequence[str]) -> None:
        """Let deliveries go that are in the warehouse; those that are not there are none."""
        with self._lock:
            if self._connection is None or not deliveries:
                return
            with self._changing() as change:
                for one in deliveries:
                    row = change.connection.execute(SQL["spool_remove"], {"delivery": one})
                    for removed in row.fetchall():
                        change.deliveries -= 1
                        change.bytes -= removed["bytes"]
            with suppress(StoreUnavailable):
                self._shrink()

    def postpone(self, delivery: str) -> None:
        """Let the others go first: this one could not be committed although the warehouse is
        there.
        """
        with self._lock:
            if self._connection is not None:
                with self._changing() as change:
                    change.connection.execute(SQL["spool_postpone"], {"delivery": delivery})

    def last(self) -> str:
        """The highest id in it, empty when there is none."""
        with self._lock:
            if self._connection is None:
                return ""
            with self._translated():
                return self._connection.execute(SQL["spool_last"]).fetchone()["delivery"] or ""

    @contextmanager
    def _changing(self) -> Iterator["_Change"]:
        """One transaction, synced at its end, rolled back when it fails."""
        with self._translated():
            change = _Change(self._connection or self._connect())
            try:
                change.connection.execute("BEGIN IMMEDIATE")
                yield change
                change.connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    change.connection.execute("ROLLBACK")
                raise
            self._depth = Depth(
                self._depth.deliveries + change.deliveries,
                self._depth.bytes + change.bytes,
                *_head(change.connection),
            )

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            if is_broken(error):
                # The next call finds out how much of it can be saved.
                self.close()
                self._broken = True
            raise StoreUnavailable(
                f"the spool {self.path.name} cannot be used", str(error), "Make room on its disk"
            ) from error

    def _connect(self) -> sqlite3.Connection:
        """Open the file, making it when need be; of a broken one is saved what can be read."""
        with self._translated():
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not self._broken:
                try:
                    self._connection = made = self._opened()
                    return made
                except sqlite3.DatabaseError as error:
                    if not is_broken(error):
                        raise
            aside = set_aside(self.path)
            LOG.error("the spool is broken: kept as %s, a new one is begun", aside)
            self._broken = False
            self._connection = made = self._opened()
            self._save(aside, made)
            return made

    def _opened(self) -> sqlite3.Connection:
        connection = open_synced(self.path, SQL.statements("spool_tables"))
        try:
            self._depth = _depth(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _save(self, aside: Path, into: sqlite3.Connection) -> None:
        """Take over every row of a broken file that can still be read, one by one."""
        saved = failed = 0
        with closing(sqlite3.connect(aside, isolation_level=None)) as old:
            old.row_factory, old.text_factory = sqlite3.Row, as_text
            try:
                last = old.execute(SQL["spool_last_place"]).fetchone()["place"] or 0
            except sqlite3.Error:
                last = 0
            into.execute("BEGIN IMMEDIATE")
            for place in range(1, last + 1):
                try:
                    row = old.execute(SQL["spool_at"], {"place": place}).fetchone()
                    if row is not None:
                        into.execute(SQL["spool_put"], dict(row))
                        saved += 1
                except sqlite3.Error:
                    failed += 1
            into.execute("COMMIT")
        self._depth = _depth(into)
        LOG.error("of the broken spool %d deliveries are saved, %d places are not", saved, failed)

    def _shrink(self) -> None:
        if self._connection is None or self._depth.deliveries:
            return
        with self._translated():
            if self.path.stat().st_size > SHRINK_BYTES:
                self._connection.execute("VACUUM")
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def spool_full() -> Overloaded:
    """What is told when neither the warehouse nor the spool takes anything."""
    return Overloaded("the warehouse is away and the spool is full", "", "Send it again later")


def read_depth(home: Path) -> Depth | None:
    """Look at the spool of a home from outside, None where there is none; raises StoreUnavailable
    when it cannot be read.
    """
    path = home / FILE
    if not path.exists():
        return None
    try:
        where = f"{path.resolve().as_uri()}?mode=rw"
        with closing(sqlite3.connect(where, uri=True, timeout=LOOK_SECONDS)) as connection:
            connection.row_factory = sqlite3.Row
            return _depth(connection)
    except sqlite3.Error as error:
        raise StoreUnavailable(f"the spool {path} cannot be read", str(error)) from None


def _depth(connection: sqlite3.Connection) -> Depth:
    """Counted anew; a change of the spool itself only adds to what is known."""
    row = connection.execute(SQL["spool_depth"]).fetchone()
    return Depth(row["deliveries"], row["bytes"], *_head(connection))


def _head(connection: sqlite3.Connection) -> tuple[datetime | None, int]:
    row = connection.execute(SQL["spool_head"]).fetchone()
    oldest = None
    # A damaged time is none; the delivery itself is handed out in its turn all the same.
    with suppress(ValueError, TypeError):
        oldest = datetime.fromisoformat(row["oldest"])
    return oldest, row["postponed"]


def _row(delivery: Delivery) -> dict[str, Any]:
    assert delivery.received_at is not None, "a delivery is stamped before it is spooled"
    text = json.dumps(told_of(delivery))
    return {
        "delivery": delivery.id,
        "received_at": delivery.received_at.isoformat(),
        "told": text,
        "body": delivery.body,
        "sha256": delivery.sha256,
        "bytes": len(delivery.body) + len(text),
    }


def _delivery(row: sqlite3.Row) -> Delivery:
    delivery = Delivery(body=row["body"], id=row["delivery"], spooled=True, protocol=UNREADABLE)
    try:
        received_at = datetime.fromisoformat(row["received_at"])
        told = untold(json.loads(row["told"]))
        delivery = replace(delivery, **{"protocol": PLAIN, **told, "received_at": received_at})
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        LOG.error("what is told of spooled delivery %s cannot be read: %r", delivery.id, error)
        return delivery
    if row["told"].isascii() and delivery.sha256 == row["sha256"]:
        return delivery
    LOG.error("the bytes of spooled delivery %s have changed on disk", delivery.id)
    return replace(delivery, protocol=UNREADABLE)
