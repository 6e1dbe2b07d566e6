"""The fence around the wheel: on a server that several processes can reach, the newest one turns.

A server has no compare-and-swap, so nobody can hold a lock in it. Instead every wheel takes an
epoch of its own: it is the upper part of the version of each row it writes, so that its rows win
over those of all before it; and its work tables carry it in their names. Who takes an epoch drops
the work tables of all before, which waits for the statements that read them, so that afterwards no
older wheel can write anything any more. An embedded warehouse has one process and needs no fence.
"""

import os
import re
import secrets
import socket
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from core.clock import Clock
from core.errors import StoreUnavailable, WheelTaken
from core.store import SqlFolder, Store
from lineage.layer import StoreLayer

SQL = SqlFolder(__file__)
# Versions are epoch times this plus the number of the turn; no wheel turns as often.
TURNS_AN_EPOCH = 10**9
WORK_OF_EPOCH = re.compile(r"^work_e(\d+)_")
CLAIMS_MAX = 20
Params = Mapping[str, Any]


class FencedStore(StoreLayer):
    """The same warehouse, with the work tables of one epoch in the place of the shared ones."""

    def __init__(self, inner: Store, fence: "Fence") -> None:
        super().__init__(inner)
        self._fence = fence

    def _told(self, sql: str) -> str:
        return self._fence.named(sql)


class Fence:
    """One wheel's epoch; 0 while it has none, and always in an embedded warehouse."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._holder = f"{socket.gethostname()} process {os.getpid()}"
        self.epoch = 0
        # Tables and nothing else: an attribute may well be called work_date.
        self._shared = re.compile("(?!)")

    def fenced(self) -> Store:
        """The store that the wheel works on."""
        return self._store if self._store.embedded else FencedStore(self._store, self)

    def named(self, sql: str) -> str:
        """The statement, or the name of a table, with the work tables of this epoch."""
        return self._shared.sub(f"work_e{self.epoch}_\\1", sql) if self.epoch else sql

    def enter(self) -> None:
        """Make sure that this wheel may turn: it takes an epoch when it has none, or when the newer
        one that outdid it was given back. Raises WheelTaken when another wheel turns.
        """
        if self._store.embedded:
            return
        if not self.epoch or self._newest()["released"]:
            self._take()
        self.check()

    def check(self) -> None:
        """Raise WheelTaken when a newer epoch was taken."""
        if not self.epoch:
            return
        newest = self._newest()
        if newest["epoch"] != self.epoch:
            since = f"{newest['at']:%Y-%m-%d %H:%M:%S} UTC"
            raise WheelTaken(
                f"the wheel is turned by {newest['holder']} since {since}",
                f"it took epoch {newest['epoch']} after this one's {self.epoch}",
                "This one stops; one wheel a warehouse is enough",
            )

    def empty_work(self) -> None:
        """Empty all work tables of this wheel."""
        like = f"work\\\\_e{self.epoch}\\\\_%" if self.epoch else "work\\\\_%"
        statement = SQL.raw("clear_work").replace("{{like}}", like)
        self._store.command(statement, {"database": self._store.database})

    def leave(self) -> None:
        """Give the epoch back, so that a wheel that it outdid goes on."""
        with suppress(StoreUnavailable):
            # A warehouse that is away is told nothing: whoever comes next takes a newer epoch.
            if self.epoch and self._newest()["epoch"] == self.epoch:
                self._note(self.epoch, released=True)
                self._drop_older(self.epoch + 1)
        self.epoch = 0

    def _take(self) -> None:
        for _ in range(CLAIMS_MAX):
            # Two that begin together seldom choose the same number; who sees it takes another one.
            epoch = int(self._newest()["epoch"]) + 1 + secrets.randbelow(4)
            self._note(epoch, released=False)
            claims = self._store.value(SQL["epoch_claims"], {"epoch": epoch})
            if claims == 1:
                self._drop_older(epoch)
                self._lay_out(epoch)
                # Only now: who came between has dropped too little, and is seen here.
                self.epoch = epoch
                return
        raise WheelTaken("no epoch of the wheel is to be had", "others take them all the time")

    def _newest(self) -> dict[str, Any]:
        rows = self._store.rows(SQL["newest_epoch"])
        return rows[0] if rows else {"epoch": 0, "holder": "", "at": None, "released": True}

    def _note(self, epoch: int, *, released: bool) -> None:
        row = {"epoch": epoch, "holder": self._holder, "claim": secrets.token_hex(8)}
        row |= {"at": self._clock.now(), "released": released}
        self._store.insert("wheel_epochs", list(row), [list(row.values())])

    def _tables(self) -> list[str]:
        asked = {"database": self._store.database}
        return [row["name"] for row in self._store.rows(SQL["work_tables"], asked)]

    def _drop_older(self, epoch: int) -> None:
        for name in self._tables():
            found = WORK_OF_EPOCH.match(name)
            if found and int(found[1]) < epoch:
                self._store.command(SQL["drop_work_table"], {"table": name})

    def _lay_out(self, epoch: int) -> None:
        shared = [name for name in self._tables() if not WORK_OF_EPOCH.match(name)]
        stems = "|".join(name.removeprefix("work_") for name in shared)
        self._shared = re.compile(rf"\bwork_({stems})\b")
        for name in shared:
            own = f"work_e{epoch}_{name.removeprefix('work_')}"
            statement = SQL.raw("lay_work_table").replace("{{like}}", name)
            self._store.command(statement, {"table": own})
