"""The queue that receivers submit to: straight to the commits while the warehouse takes them, by
way of the spool on disk while it does not.

As soon as a commit fails because the warehouse is away, or none ends for too long, everything that
waits goes to the spool, in its order, and is answered as pending; so is what comes, until the spool
is drained. A delivery has its id from the moment it is taken, so whichever way it went, it is
committed once.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass, field
from typing import Any

from collector.admission import NOTHING
from collector.commits import CommitQueue
from collector.count import count_records
from collector.delivery import Delivery, Receipt, Spooled
from collector.drain import Drain
from collector.refusal import refusal
from collector.spool import Depth, Spool, spool_full
from collector.writer import Answer, Writer
from core.errors import Overloaded, Permanent, Retryable, RevtraceError
from core.settings import CollectorSettings
from core.telemetry import without_secrets

LOG = logging.getLogger("revtrace.collector")
# How often somebody looks whether commits still end.
LOOK_SECONDS = 0.5
ORDINARY_BYTES = 64 * 1024


@dataclass(eq=False)
class _Taken:
    """A delivery on its way; `commit` is its place among the commits, None when it has none."""

    delivery: Delivery
    since: float
    commit: "Future[Receipt] | None" = None
    moved: bool = False
    answer: "Future[Receipt]" = field(default_factory=Future)

    def tell(self, answer: Receipt | RevtraceError) -> None:
        """Answer once; who gave up waiting is told nothing."""
        try:
            if isinstance(answer, RevtraceError):
                self.answer.set_exception(answer)
            else:
                self.answer.set_result(answer)
        except InvalidStateError:
            LOG.debug("delivery %s was answered before", self.delivery.id)


class SpoolingQueue:
    """Commits with a spool behind them; `start` before use, `stop` brings to an end what was
    taken.
    """

    def __init__(
        self,
        commits: CommitQueue,
        writer: Writer,
        spool: Spool,
        drain: Drain,
        settings: CollectorSettings,
    ) -> None:
        self._commits = commits
        self._writer = writer
        self._spool = spool
        self._drain = drain
        self._settings = settings
        self._changed = threading.Condition()
        self._open = False
        self._spooling = False
        # In the order they were taken: given to the commits; to be written to the spool.
        self._direct: dict[str, _Taken] = {}
        self._coming: deque[_Taken] = deque()
        self._coming_bytes = 0
        self._ended_at = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="spool", daemon=True)
        drain.on_empty = self._drained

    def start(self) -> None:
        """Begin to take deliveries; what an earlier process left in the spool goes first."""
        depth = self._spool.open()
        self._writer.ids_behind(self._spool.last())
        with self._changed:
            self._open = True
            self._spooling = bool(depth.in_turn) or not self._drain.opened
        if depth.deliveries:
            LOG.warning("%d deliveries wait in the spool since %s", depth.deliveries, depth.oldest)
        self._commits.start()
        self._thread.start()
        self._drain.start()

    def stop(self, timeout_seconds: float = 30.0) -> None:
        """Take no more; commit or spool what was taken, and return when that is done or the time
        is over.
        """
        until = time.monotonic() + timeout_seconds
        with self._changed:
            if not self._open:
                return
            self._open = False
            self._changed.notify_all()
        self._drain.stop()
        self._commits.stop(timeout_seconds)
        with self._changed:
            # What is still being committed is answered there; nothing comes behind it any more.
            self._changed.notify_all()
        self._thread.join(max(until - time.monotonic(), 0.1))
        self._drain.join(max(until - time.monotonic(), 0.1))
        self._spool.close()

    @property
    def spooling(self) -> bool:
        """Whether deliveries go to the spool now."""
        return self._spooling

    @property
    def why(self) -> str:
        """Why they do."""
        return without_secrets(self._drain.trouble) or "the spool is being drained"

    def depth(self) -> tuple[int, int]:
        """Deliveries and bytes that wait in memory."""
        waiting, size = self._commits.depth()
        return waiting + len(self._coming), size + self._coming_bytes

    def spooled(self) -> Depth:
        """What lies in the spool."""
        return self._spool.depth()

    def told(self) -> dict[str, Any]:
        """What lies in the spool, as documents show it."""
        return self._spool.depth().told(self._writer.clock.now())

    def oldest_seconds(self) -> float:
        """How long the oldest delivery lies in the spool."""
        return self._spool.depth().age_seconds(self._writer.clock.now())

    def takes_without_warehouse(self) -> bool:
        """Say whether the spool has room for a delivery of ordinary size."""
        return self._spool.room(1, ORDINARY_BYTES)

    def submit(self, delivery: Delivery) -> "Future[Receipt]":
        """Take a delivery; its future has the receipt, one that is Spooled, or a Permanent or
        Retryable. Raises Overloaded when full.
        """
        with self._changed:
            if not self._open:
                raise Overloaded("the collector is stopping", "", "Send it again later")
            taken = _Taken(self._writer.stamp(delivery), time.monotonic())
            if self._spooling:
                self._require_room(taken.delivery.size)
                self._push(taken)
                return taken.answer
            commit = taken.commit = self._commits.submit(taken.delivery)
            self._direct[taken.delivery.id] = taken
        commit.add_done_callback(lambda ended: self._ended(taken, ended))
        return taken.answer

    def commit(self, deliveries: Sequence[Delivery]) -> list[Answer]:
        """Commit parts of a file at once, or spool them; one answer a delivery. Raises Retryable
        when neither can be done. Whoever calls this MUST drain the writer afterwards.
        """
        stamped = [self._writer.stamp(one) for one in deliveries]
        if not self._spooling:
            try:
                return self._writer.commit(stamped)
            except Retryable as error:
                if not self._settings.spool_deliveries_max:
                    raise
                with self._changed:
                    self._begin(str(error))
        taken = [_Taken(one, time.monotonic()) for one in stamped]
        with self._changed:
            if not self._open:
                raise Overloaded("the collector is stopping", "", "Import it again later")
            for one in taken:
                self._push(one)
        return [_answer(one) for one in taken]

    def _ended(self, taken: _Taken, commit: "Future[Receipt]") -> None:
        """A commit has ended for one delivery, well or not; or it was taken back."""
        if commit.cancelled():
            return
        error = commit.exception()
        with self._changed:
            self._ended_at = time.monotonic()
            self._direct.pop(taken.delivery.id, None)
            if taken.moved:
                self._drain.settled(taken.delivery.id, stored=error is None)
                self._changed.notify_all()
                if error is None:
                    taken.tell(commit.result())
                return
            if isinstance(error, Retryable) and self._settings.spool_deliveries_max:
                self._begin(str(error), taken)
                return
        taken.tell(error if isinstance(error, RevtraceError) else commit.result())

    def _begin(self, why: str, failed: _Taken | None = None) -> None:
        """Send everything that waits to the spool, in its order. The lock is held."""
        if not self._spooling:
            LOG.warning("deliveries go to the spool from now on: %s", why)
        self._spooling = True
        moved = sorted(self._direct.values(), key=lambda one: one.delivery.id)
        self._direct.clear()
        for one in [failed, *moved] if failed else moved:
            one.moved = True
            if one.commit is not None and not one.commit.done() and not one.commit.cancel():
                # It is being committed just now: the drain waits for how that ends.
                self._drain.unsettled(one.delivery.id)
            self._push(one)

    def _require_room(self, size: int) -> None:
        bound = self._settings
        full = len(self._coming) >= bound.queue_deliveries_max
        if full or self._coming_bytes + size > bound.queue_bytes_max:
            raise Overloaded("more waits for the spool than may be held", "", "Send it again later")
        if not self._spool.room(1, size):
            raise spool_full()

    def _push(self, taken: _Taken) -> None:
        self._coming.append(taken)
        self._coming_bytes += taken.delivery.size
        self._changed.notify_all()

    def _run(self) -> None:
        while (group := self._next_group()) is not None:
            try:
                self._write(group)
            except Exception as error:
                # Those who wait must be answered, and the next ones must be written.
                LOG.exception("the thread of the spool goes on after a fault")
                for one in group:
                    one.tell(Overloaded("the spool failed", str(error), "Send it again later"))
            # Also where nothing could be written: the straight way may be open again.
            self._drain.wake()

    def _next_group(self) -> list[_Taken] | None:
        """What is to be written next, at once; None when nothing can come any more."""
        with self._changed:
            while not self._coming:
                if not self._open and not self._direct:
                    return None
                self._changed.wait(LOOK_SECONDS)
                self._look()
            group: list[_Taken] = []
            size = 0
            while self._coming and len(group) < self._settings.commit_deliveries_max:
                size += self._coming[0].delivery.size
                if group and size > self._settings.commit_bytes_max:
                    break
                group.append(self._coming.popleft())
            self._coming_bytes = sum(one.delivery.size for one in self._coming)
            return group

    def _look(self) -> None:
        """A warehouse that hangs is away too."""
        if not self._direct or not self._settings.spool_deliveries_max:
            return
        oldest = next(iter(self._direct.values()))
        silent = time.monotonic() - max(oldest.since, self._ended_at)
        if silent > self._settings.spool_after_seconds:
            self._begin(f"no commit ended for {silent:.0f} seconds")

    def _write(self, group: Sequence[_Taken]) -> None:
        """Make a group durable in one transaction, and say so."""
        kept: list[tuple[_Taken, Spooled]] = []
        size = 0
        for one in group:
            if one.answer.done():
                continue
            told = _spooled(one.delivery)
            refused = None if told.received else refusal(one.delivery, NOTHING)
            if refused and told.counted:
                one.tell(refused)
                continue
            if not self._spool.room(len(kept) + 1, size + one.delivery.size):
                one.tell(spool_full())
                continue
            kept.append((one, told))
            size += one.delivery.size
        if not kept:
            return
        try:
            self._spool.put([one.delivery for one, _ in kept])
        except RevtraceError as error:
            LOG.warning("%d deliveries could not be spooled: %s", len(kept), error)
            for one, _ in kept:
                one.tell(error)
            return
        for one, told in kept:
            one.tell(told)

    def _drained(self) -> bool:
        """Nothing is left whose turn it is: go back to the straight way unless more is coming."""
        with self._changed:
            if self._coming or self._spool.depth().in_turn:
                return False
            if self._spooling:
                LOG.info("the spool is drained")
            self._spooling = False
            self._ended_at = time.monotonic()
            return True


def _spooled(delivery: Delivery) -> Spooled:
    found = count_records(delivery)
    return Spooled(delivery.id, found or 0, 0, 0, 0, 0, counted=found is not None)


def _answer(taken: _Taken) -> Answer:
    error = taken.answer.exception()
    if isinstance(error, Permanent):
        return error
    if error is not None:
        raise error
    return taken.answer.result()
