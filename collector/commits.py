"""Group commit: many concurrent requests share one commit, none waits longer than a bounded time
for others.

One thread commits. While it does, what arrives gathers and makes the next group, so a busy
collector commits in large groups by itself and an idle one answers at once after the short wait.
Who was answered comes again at once, as a rule, and is waited for a moment: else a
few senders of large bodies would make two groups in turn, of which one waits for the other.
What was answered becomes visible a bounded time later: the same thread sees to it.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass, field

from opentelemetry.trace import SpanContext

from collector.delivery import Delivery, Receipt
from collector.lease import RENEW_SECONDS
from collector.measures import Measures, present_span
from collector.writer import Writer
from core.errors import Overloaded, Permanent, RevtraceError, StoreUnavailable
from core.settings import CollectorSettings

LOG = logging.getLogger("revtrace.collector")


@dataclass
class _Waiting:
    delivery: Delivery
    since: float
    answer: "Future[Receipt]" = field(default_factory=Future)
    span: SpanContext | None = field(default_factory=present_span)

    def tell(self, answer: Receipt | RevtraceError) -> None:
        """Answer once; who gave up waiting is told nothing."""
        if self.answer.done():
            return
        try:
            if isinstance(answer, RevtraceError):
                self.answer.set_exception(answer)
            else:
                self.answer.set_result(answer)
        except InvalidStateError:
            LOG.info("a sender gave up while its delivery was committed")


# The share of a commit's time that is waited, at most, for those whom it has answered.
GATHER_SHARE = 1 / 8
# How often it is looked whether answered events have waited long enough to be written.
SETTLE_SECONDS = 0.05
# No group: nothing came for a while, and there is time for other things.
IDLE: list[_Waiting] = []


class CommitQueue:
    """Bounded queue in front of the writer; `start` before use, `stop` commits what it
    has taken.
    """

    def __init__(self, writer: Writer, settings: CollectorSettings, measures: Measures) -> None:
        self._writer = writer
        self._settings = settings
        self._measures = measures
        self._waiting: deque[_Waiting] = deque()
        self._bytes = 0
        self._open = False
        self._changed = threading.Condition()
        self._unsettled = False
        # How many may come at once: those who were answered last, and those who waited meanwhile.
        self._expected = 0
        self._gathered_until = 0.0
        self._thread = threading.Thread(target=self._run, name="commits", daemon=True)

    def start(self) -> None:
        """Begin to take deliveries."""
        self._open = True
        self._writer.answer_early(self._measures.committed)
        self._thread.start()

    def stop(self, timeout_seconds: float = 30.0) -> None:
        """Take no more, commit what was taken, and return when that is done or the time is over."""
        with self._changed:
            self._open = False
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout_seconds)

    def depth(self) -> tuple[int, int]:
        """Deliveries and bytes that wait."""
        with self._changed:
            return len(self._waiting), self._bytes

    def submit(self, delivery: Delivery) -> "Future[Receipt]":
        """Queue a delivery; its future has the receipt, or a Permanent or Retryable. Raises
        Overloaded when full.
        """
        one = _Waiting(delivery, time.monotonic())
        with self._changed:
            if not self._open:
                raise Overloaded("the collector is stopping", "", "Send it again later")
            full = len(self._waiting) >= self._settings.queue_deliveries_max
            if full or self._bytes + delivery.size > self._settings.queue_bytes_max:
                raise Overloaded(
                    "the collector has more waiting than it may hold",
                    "",
                    "Send it again later",
                    retry_after_seconds=1,
                )
            self._waiting.append(one)
            self._bytes += delivery.size
            # Who waits for company need not be woken for each that comes.
            if len(self._waiting) == 1 or self._enough():
                self._changed.notify_all()
        return one.answer

    def _run(self) -> None:
        while (group := self._next_group()) or group is IDLE:
            try:
                if group is IDLE:
                    self._rest()
                else:
                    self._commit(group)
            except Exception as error:
                # Without this thread nobody would ever be answered again, so it outlives anything.
                LOG.exception("the thread of commits goes on after a fault")
                self._tell_failed(group, StoreUnavailable("the commit failed", str(error)))
        try:
            self._writer.drain()
        except RevtraceError as error:
            LOG.warning("what was answered is made visible at the next start: %s", error)

    def _rest(self) -> None:
        """Nobody waits: make visible what was answered, and keep the lease."""
        try:
            self._writer.keep_lease()
            self._unsettled = self._writer.settle()
        except RevtraceError as error:
            # It is made again before the next commit, or when it is tried here again.
            LOG.warning("what was answered could not be made visible yet: %s", error)
            self._unsettled = False

    def _next_group(self) -> list[_Waiting]:
        """Wait for a first delivery, then for company until its time is over; empty means stopped
        and drained.
        """
        with self._changed:
            while True:
                while not self._waiting:
                    if not self._open:
                        return []
                    if not self._changed.wait(SETTLE_SECONDS if self._unsettled else RENEW_SECONDS):
                        return IDLE
                came = self._waiting[0].since
                until = max(came + self._settings.commit_wait_seconds, self._gathered_until)
                while (left := until - time.monotonic()) > 0 and self._open and not self._enough():
                    self._changed.wait(left)
                if group := self._take():
                    return group

    def _enough(self) -> bool:
        count = len(self._waiting)
        many = count >= self._settings.commit_deliveries_max or 0 < self._expected <= count
        return many or self._bytes >= self._settings.commit_bytes_max

    def _take(self) -> list[_Waiting]:
        group: list[_Waiting] = []
        size = 0
        while self._waiting and len(group) < self._settings.commit_deliveries_max:
            next_size = self._waiting[0].delivery.size
            if group and size + next_size > self._settings.commit_bytes_max:
                break
            one = self._waiting.popleft()
            self._bytes -= next_size
            # What was taken back while it waited goes another way, and MUST NOT be committed too.
            if one.answer.set_running_or_notify_cancel():
                group.append(one)
                size += next_size
        return group

    def _commit(self, group: Sequence[_Waiting]) -> None:
        begun = time.monotonic()
        try:
            self._unsettled = True
            with self._measures.commit_span(one.span for one in group):
                answers = self._writer.commit([one.delivery for one in group])
        except RevtraceError as error:
            LOG.warning("a commit of %d deliveries failed: %s", len(group), error)
            self._fail(group, error)
            return
        except Exception as error:
            # The loop must outlive any fault of ours: those who wait are told, the next commit
            # recovers.
            LOG.exception("a commit of %d deliveries failed", len(group))
            self._fail(group, StoreUnavailable("the commit failed", str(error)))
            return
        took = time.monotonic() - begun
        self._measures.committed(answers, took)
        self._expect(group, took)
        for one, answer in zip(group, answers, strict=True):
            one.tell(answer)

    def _expect(self, group: Sequence[_Waiting], took: float) -> None:
        """Note how many may come at once, and how long it is worth while to wait for them."""
        with self._changed:
            self._expected = len(group) + len(self._waiting)
        wait = max(took * GATHER_SHARE, self._settings.commit_wait_seconds)
        self._gathered_until = time.monotonic() + wait

    def _fail(self, group: Sequence[_Waiting], error: RevtraceError) -> None:
        self._measures.commit_failed()
        # Nothing is wrong with the requests: whatever it was, they are asked to come again.
        retry = error if not isinstance(error, Permanent) else StoreUnavailable(str(error))
        self._tell_failed(group, retry)

    @staticmethod
    def _tell_failed(group: Sequence[_Waiting], error: RevtraceError) -> None:
        for one in group:
            one.tell(error)
