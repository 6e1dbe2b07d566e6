"""Who admits into a warehouse: one writer at a time, since the bench of a commit is shared.

An embedded warehouse is guarded by the lock of its folder. On a server a writer keeps a row fresh
while it lives; a second one finds it and refuses to start. A row whose process is gone from this
machine counts no more.

Of writers that begin at the same instant exactly one wins, though the table knows no compare and
swap. Each writes a claim before it looks. Who then sees a holder, or a claim that goes before its
own by name, withdraws; who sees a claim behind its own waits until that one is withdrawn or has
become a holder, since its writer may have looked before. So the first by name, or who was through
already, is left. (This is the one-bit algorithm of Burns and Lamport, as an election.)
"""

import os
import socket
import time
import uuid
from datetime import datetime, timedelta
from typing import Any

from core.clock import Clock
from core.errors import StoreLocked
from core.store import SqlFolder, Store

SQL = SqlFolder(__file__)
FRESH = timedelta(seconds=30)
RENEW_SECONDS = 10.0
# The first row of a writer is its claim, every later one says that it holds the lease.
CLAIM_VERSION = 1
# How long the claim of another may be undecided; it takes two statements to decide it.
UNDECIDED_SECONDS = 5.0
LOOK_SECONDS = 0.02


class Lease:
    """The right to admit; `take` before the first commit, `keep` at least every RENEW_SECONDS."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._name = ""
        self._host = socket.gethostname()
        self._kept_at: datetime | None = None
        self._version = 0

    def take(self) -> None:
        """Take the lease; raises StoreLocked while another process holds it."""
        if self._store.embedded:
            return
        now = self._clock.now()
        self._name, self._version = str(uuid.uuid4()), 0
        if holders := [row for row in self._others(now) if row["version"] > CLAIM_VERSION]:
            raise _refusal(holders[0])
        self._write(now)
        try:
            self._decide(now)
        except BaseException:
            self.release()
            raise
        self._write(now)

    def keep(self) -> bool:
        """Renew the lease when it is time to; one that has run out is taken anew, which raises
        StoreLocked when somebody else has it by now. Says whether it was taken anew: somebody else
        may have had it meanwhile.
        """
        if self._store.embedded:
            return False
        now = self._clock.now()
        if self._kept_at is None or now - self._kept_at >= FRESH:
            self.take()
            return True
        if now - self._kept_at >= timedelta(seconds=RENEW_SECONDS):
            self._write(now)
        return False

    def release(self) -> None:
        """Let the next one start at once."""
        if self._kept_at is not None:
            # Well before what anybody counts as fresh, whose look began a moment ago.
            self._write(self._clock.now() - 2 * FRESH)
            self._kept_at = None

    def _decide(self, now: datetime) -> None:
        """Return once nobody else claims or holds the lease; raises StoreLocked when it is somebody
        else's.
        """
        last = time.monotonic() + UNDECIDED_SECONDS
        while others := self._others(now):
            for row in others:
                held = row["version"] > CLAIM_VERSION
                if held or row["writer"] < self._name or time.monotonic() > last:
                    raise _refusal(row)
            time.sleep(LOOK_SECONDS)

    def _others(self, now: datetime) -> list[dict[str, Any]]:
        rows = self._store.rows(SQL["list_leases"], {"since": now - FRESH})
        return [row for row in rows if row["writer"] != self._name and not self._is_gone(row)]

    def _write(self, at: datetime) -> None:
        self._version += 1
        row = [self._name, self._host, os.getpid(), at, self._version]
        self._store.insert("writer_leases", ["writer", "host", "pid", "seen_at", "version"], [row])
        self._kept_at = at

    def _is_gone(self, row: dict[str, Any]) -> bool:
        """A process of this machine that runs no more, or this very process under an
        earlier writer.
        """
        if row["host"] != self._host:
            return False
        if row["pid"] == os.getpid():
            return True
        try:
            os.kill(row["pid"], 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            pass
        return False


def _refusal(row: dict[str, Any]) -> StoreLocked:
    return StoreLocked(
        f"another collector admits here: {row['host']}, process {row['pid']}",
        "one does at a time",
        "Stop it first; after a crash on another machine wait half a minute",
    )
