"""Who admits into a warehouse: one writer at a time, since the bench of a commit is shared.

An embedded warehouse is guarded by the lock of its folder. On a server a writer keeps a row fresh
while it lives; a second one finds it and refuses to start. A row whose process is gone from this
machine counts no more.
"""

import os
import socket
import uuid
from datetime import datetime, timedelta
from typing import Any

from core.clock import Clock
from core.errors import StoreLocked
from core.store import SqlFolder, Store

SQL = SqlFolder(__file__)
FRESH = timedelta(seconds=30)
RENEW_SECONDS = 10.0


class Lease:
    """The right to admit; `take` before the first commit, `keep` at least every RENEW_SECONDS."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._name = str(uuid.uuid4())
        self._host = socket.gethostname()
        self._kept_at: datetime | None = None
        self._version = 0

    def take(self) -> None:
        """Take the lease; raises StoreLocked while another process holds it."""
        if self._store.embedded:
            return
        now = self._clock.now()
        self._refuse_second(now)
        self._write(now)
        try:
            # Of two that begin at once at least one sees the other now. Whoever does gives way,
            # since the other one may have looked before.
            self._refuse_second(now)
        except StoreLocked:
            self.release()
            raise

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
            self._write(self._clock.now() - FRESH)
            self._kept_at = None

    def _refuse_second(self, now: datetime) -> None:
        for row in self._store.rows(SQL["list_leases"], {"since": now - FRESH}):
            if row["writer"] != self._name and not self._is_gone(row):
                raise StoreLocked(
                    f"another collector admits here: {row['host']}, process {row['pid']}",
                    "one does at a time",
                    "Stop it first; after a crash on another machine wait half a minute",
                )

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
