"""The drain: commits what lies in the spool, in its order, once the warehouse takes it again.

A row leaves the spool only when its delivery is durable in the warehouse; a crash between the two
is noticed by the writer, which knows the delivery by its id. What cannot be committed though the
warehouse is there is tried alone, and then lets the others go first: one delivery never blocks the
queue.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence

from collector.delivery import Delivery, Receipt
from collector.measures import Measures
from collector.spool import Spool
from collector.writer import Answer, Writer
from core.errors import RevtraceError, StoreUnavailable
from core.settings import CollectorSettings

LOG = logging.getLogger("revtrace.collector")
PAUSE_SECONDS = 0.2
# So often a delivery fails alone, with the warehouse there, before one behind it is tried.
TRIES = 3
NEIGHBOURS = 16
POSTPONED_SECONDS = 60.0


class Drain:
    """One thread that empties a spool; `open_warehouse` is called first, until it succeeds."""

    def __init__(
        self,
        spool: Spool,
        writer: Writer,
        settings: CollectorSettings,
        measures: Measures,
        open_warehouse: Callable[[], None] | None = None,
    ) -> None:
        self._spool = spool
        self._writer = writer
        self._settings = settings
        self._measures = measures
        self._open_warehouse = open_warehouse
        self._changed = threading.Condition()
        self._stopped = False
        self._woken = False
        # Whose commit has not ended yet; who was committed after all and can leave the spool.
        self._unsettled: set[str] = set()
        self._leaving: list[str] = []
        self._group_max = settings.commit_deliveries_max
        self._failures = 0
        self._failed_alone = 0
        self._postponed_at = 0.0
        self.trouble = ""
        self.on_empty: Callable[[], bool] = lambda: True
        self._thread = threading.Thread(target=self._run, name="drain", daemon=True)

    @property
    def opened(self) -> bool:
        """Whether the warehouse was opened; until then nothing can be committed."""
        return self._open_warehouse is None

    def start(self) -> None:
        """Begin to drain."""
        self._thread.start()

    def stop(self) -> None:
        """Begin no further commit."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def join(self, timeout_seconds: float) -> None:
        """Wait for the commit that runs."""
        if self._thread.is_alive():
            self._thread.join(timeout_seconds)

    def wake(self) -> None:
        """Something lies in the spool."""
        with self._changed:
            self._woken = True
            self._changed.notify_all()

    def unsettled(self, delivery: str) -> None:
        """A delivery goes to the spool whose commit has not ended: it waits for `settled`."""
        with self._changed:
            self._unsettled.add(delivery)

    def settled(self, delivery: str, *, stored: bool) -> None:
        """Its commit has ended; one that ended well leaves the spool again."""
        with self._changed:
            self._unsettled.discard(delivery)
            if stored:
                self._leaving.append(delivery)
                self._woken = True
            self._changed.notify_all()

    def _run(self) -> None:
        while not self._stopped:
            try:
                done = self._turn()
                self._failures, self.trouble = 0, ""
                if done:
                    self._rest()
            except Exception as error:
                self._failed(error)

    def _turn(self) -> bool:
        """Commit one group; says whether nothing is left to do now."""
        if self._open_warehouse is not None:
            self._open_warehouse()
            self._open_warehouse = None
        self._let_leave()
        if not self._spool.depth().in_turn:
            # What has left the spool is visible before it is said to be drained.
            self._writer.drain()
            # Either more is being written, which wakes us, or only what was postponed is left.
            if not self.on_empty() or not self._postponed_due():
                return True
            self._postponed_at = time.monotonic()
        group = self._spool.next(self._group_max, self._settings.commit_bytes_max)
        if not group and not self._stopped:
            raise StoreUnavailable("the spool hands out nothing, though it holds deliveries")
        if not self._wait_for_commits(group):
            return False
        # Some may have been committed while they were waited for.
        left = self._let_leave()
        if group := [one for one in group if one.id not in left]:
            self._commit(group)
        return False

    def _commit(self, group: list[Delivery]) -> None:
        begun = time.monotonic()
        try:
            # By their ids, as a recovery goes; one that failed may stand before its elders.
            group.sort(key=lambda one: one.id)
            answers = self._writer.commit([self._writer.prepare_again(one) for one in group])
        except Exception:
            self._measures.commit_failed()
            self._learn(group)
            raise
        self._measures.committed(answers, time.monotonic() - begun)
        # Where one that was postponed goes in at last, the others may as well.
        self._postponed_at, self._failed_alone = 0.0, 0
        self._leave(group, answers)
        self._group_max = min(self._group_max * 2, self._settings.commit_deliveries_max)

    def _learn(self, group: list[Delivery]) -> None:
        """Find out whether it is a delivery that keeps the warehouse from taking this group."""
        try:
            self._writer.ping()
        except RevtraceError:
            return
        if len(group) > 1:
            self._group_max = max(len(group) // 2, 1)
            return
        self._failed_alone += 1
        if self._failed_alone >= TRIES and self._spool.depth().in_turn:
            self._try_another(group[0])

    def _try_another(self, failed: Delivery) -> None:
        """Where another delivery can be committed it is this one that cannot: the others go
        first. Where none can, it is the warehouse, a full disk perhaps, and the order is kept.
        """
        skipped = 1 + (self._failed_alone - TRIES) % NEIGHBOURS
        others = self._spool.next(1, self._settings.commit_bytes_max, skipped=skipped)
        if not others or others[0].id == failed.id or not self._wait_for_commits(others):
            return
        # The failed one once more behind it: the warehouse may have come back between the two.
        for group in (others, [failed]):
            try:
                answers = self._writer.commit([self._writer.prepare_again(one) for one in group])
            except Exception as error:
                LOG.debug("delivery %s fails too: %s", group[0].id, error)
                break
            self._measures.committed(answers, 0.0)
            self._leave(group, answers)
        else:
            self._failed_alone = 0
            return
        if group is others:
            return
        LOG.error("spooled delivery %s cannot be committed: the others go first", failed.id)
        self._spool.postpone(failed.id)
        self._postponed_at, self._failed_alone = time.monotonic(), 0

    def _leave(self, group: list[Delivery], answers: Sequence[Answer]) -> None:
        """Remove what is durable now. What was acknowledged is never refused; should it be all the
        same, it stays and lets the others go first.
        """
        kept = [
            one.id for one, told in zip(group, answers, strict=True) if isinstance(told, Receipt)
        ]
        self._spool.remove(kept)
        for one, told in zip(group, answers, strict=True):
            if not isinstance(told, Receipt):
                LOG.error("spooled delivery %s was refused and is kept: %s", one.id, told)
                self._spool.postpone(one.id)
                self._postponed_at = time.monotonic()

    def _let_leave(self) -> set[str]:
        """Remove what was committed after all; returns what that was."""
        with self._changed:
            leaving = list(self._leaving)
        if leaving:
            self._spool.remove(leaving)
            with self._changed:
                del self._leaving[: len(leaving)]
        return set(leaving)

    def _wait_for_commits(self, group: list[Delivery]) -> bool:
        """Wait until no commit of these runs any more; says whether it is so."""
        ids = {one.id for one in group}
        with self._changed:
            while ids & self._unsettled and not self._stopped:
                self._changed.wait(PAUSE_SECONDS)
        return not self._stopped

    def _postponed_due(self) -> bool:
        waited = time.monotonic() - self._postponed_at
        return bool(self._spool.depth().deliveries) and waited >= POSTPONED_SECONDS

    def _rest(self) -> None:
        """Wait until something is written to the spool, or what was postponed is due."""
        with self._changed:
            if not (self._woken or self._stopped):
                self._changed.wait(POSTPONED_SECONDS if self._spool.depth().deliveries else None)
            self._woken = False

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, RevtraceError):
            LOG.exception("the drain of the spool goes on after a fault")
        elif str(error) != self.trouble:
            LOG.warning("the spool waits: %s", error)
        self.trouble = str(error)
        self._failures += 1
        pause = PAUSE_SECONDS * 2 ** min(self._failures - 1, 16)
        until = time.monotonic() + min(pause, self._settings.spool_retry_seconds_max)
        with self._changed:
            # What comes into the spool meanwhile does not bring the warehouse back.
            while not self._stopped and (left := until - time.monotonic()) > 0:
                self._changed.wait(left)
