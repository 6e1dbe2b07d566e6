"""The journal: where small commits are durable until they are in the warehouse, a moment later.

Syncing a part of a table costs the engine the same whether it holds one row or ten thousand, so the
deliveries of many small commits are written there together. Until then they are here: one SQLite
file in the home folder, one row a commit, synced before anybody is told. Whoever owns the home owns
the journal; what a dead process left in it is the first thing that a recovery puts into the
warehouse.
"""

import json
import logging
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from collector.delivery import Delivery, Kept
from collector.refusal import UNREADABLE
from collector.synced_file import as_text, is_broken, open_synced, set_aside
from collector.told import told_of, untold
from core.errors import StoreUnavailable
from core.store import SqlFolder

LOG = logging.getLogger("revtrace.collector")
SQL = SqlFolder(__file__)
FILE = "journal.sqlite"
EVERY = 2**62
LOOK_SECONDS = 5.0
# So many places that cannot be read one behind the other are more than are on one damaged page.
PLACES_MAX = 50_000


class Journal:
    """Commits on disk; any thread may call it. The file is made by the first commit."""

    def __init__(self, home: Path) -> None:
        self.path = home / FILE
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def put(self, kept: Sequence[Kept]) -> None:
        """Keep the deliveries of one commit, all or none; they are durable on return. Raises
        StoreUnavailable when the disk takes no more; then nobody knows whether they are here.
        """
        row = {
            "batch": kept[0].batch,
            "told": json.dumps([_told(one) for one in kept]),
            "bodies": b"".join(one.given.body for one in kept),
        }
        # One statement is one transaction, and one handing over of the interpreter.
        with self._opened() as connection:
            connection.execute(SQL["journal_put"], row)

    def clear(self, batch: int = EVERY) -> None:
        """Let the commits go whose batch is not behind this one: they are in the warehouse."""
        if self._connection is None and not self.path.exists():
            return
        with self._opened() as connection:
            connection.execute(SQL["journal_clear"], {"batch": batch})

    def read(self) -> Iterator[list[Kept]]:
        """What is in it, commit by commit in their order; a delivery whose bytes have changed on
        disk is handed out as it is, marked as unreadable. A commit of which nobody can tell what
        its deliveries are is laid aside in the file.
        """
        place = 0
        while self._connection is not None or self.path.exists():
            with self._opened() as connection:
                row = connection.execute(SQL["journal_read"], {"behind": place}).fetchone()
            if row is None:
                return
            place = row["place"]
            try:
                commit = _commit(row)
            except (ValueError, LookupError, TypeError, AttributeError) as error:
                LOG.error("place %d of the journal cannot be told, it is kept: %r", place, error)
                with self._opened() as connection:
                    for statement in SQL.statements("journal_unreadable"):
                        connection.execute(statement, {"place": place})
            else:
                yield commit

    def close(self) -> None:
        """Let go of the file; what is in it stays for the next start."""
        with self._lock:
            self._close()

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                if self._connection is None:
                    self._connection = self._connect()
                yield self._connection
            except (sqlite3.Error, OSError) as error:
                # After a failed sync nobody knows what is on the disk: the next call reads it anew.
                self._close()
                if is_broken(error):
                    self._set_aside()
                raise StoreUnavailable(
                    f"the journal {self.path.name} cannot be used",
                    str(error),
                    "Make room on its disk",
                ) from error

    def _connect(self) -> sqlite3.Connection:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return open_synced(self.path, SQL.statements("journal_tables"))

    def _set_aside(self) -> None:
        """Begin a new file with what can be read of the broken one, which is kept."""
        aside = set_aside(self.path)
        LOG.error("the journal is broken: kept as %s, a new one is begun", aside)
        try:
            self._connection = self._connect()
            self._save(aside, self._connection)
        except (sqlite3.Error, OSError) as error:
            LOG.error("nothing of the broken journal could be saved: %s", error)
            self._close()

    def _save(self, aside: Path, into: sqlite3.Connection) -> None:
        """Take over every commit that can be read. From the last one back, since the first places
        were let go long ago.
        """
        saved = failed = at_once = 0
        with closing(sqlite3.connect(aside, isolation_level=None)) as old:
            old.row_factory, old.text_factory = sqlite3.Row, as_text
            place = old.execute(SQL["journal_last_place"]).fetchone()["place"] or 0
            into.execute("BEGIN IMMEDIATE")
            while place > 0 and at_once < PLACES_MAX:
                try:
                    row = old.execute(SQL["journal_before"], {"place": place}).fetchone()
                except sqlite3.Error:
                    failed, at_once, place = failed + 1, at_once + 1, place - 1
                    continue
                if row is None:
                    break
                into.execute(SQL["journal_save"], dict(row))
                saved, at_once, place = saved + 1, 0, row["place"] - 1
            into.execute("COMMIT")
        LOG.error("of the broken journal %d commits are saved, %d places are not", saved, failed)

    def _close(self) -> None:
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None


def read_waiting(home: Path) -> dict[str, int]:
    """Look from outside at what is in the journal of a home: deliveries that are not in the
    warehouse yet, their bytes, and commits that were laid aside; raises StoreUnavailable when it
    cannot be read.
    """
    path = home / FILE
    if not path.exists():
        return {"deliveries": 0, "bytes": 0, "unreadable": 0}
    try:
        where = f"{path.resolve().as_uri()}?mode=rw"
        with closing(sqlite3.connect(where, uri=True, timeout=LOOK_SECONDS)) as connection:
            connection.row_factory = sqlite3.Row
            return dict(connection.execute(SQL["journal_waiting"]).fetchone())
    except sqlite3.Error as error:
        raise StoreUnavailable(f"the journal {path} cannot be read", str(error)) from None


def _told(one: Kept) -> dict[str, Any]:
    return told_of(one.given) | {
        "id": one.id,
        "received_at": one.received_at.isoformat(),
        "bytes": len(one.given.body),
        "sha256": one.given.sha256.hex(),
    }


def _commit(row: sqlite3.Row) -> list[Kept]:
    bodies = memoryview(row["bodies"])
    found: list[Kept] = []
    at = 0
    if not row["told"].isascii():
        raise ValueError("it is no text of ours")
    for told in json.loads(row["told"]):
        size, sha256, _ = told.pop("bytes"), told.pop("sha256"), told["id"]
        received_at = datetime.fromisoformat(told.pop("received_at"))
        body = bytes(bodies[at : at + size])
        at += size
        given = Delivery(body=body, received_at=received_at, **untold(told))
        if given.sha256.hex() != sha256:
            LOG.error("the bytes of delivery %s have changed in the journal", given.id)
            given = replace(given, protocol=UNREADABLE)
        found.append(Kept(given.id, row["batch"], received_at, given))
    return found
