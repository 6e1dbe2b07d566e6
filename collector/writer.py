"""The one admitting writer of a store: groups of deliveries become durable, then events, then
closed.

Order of a commit: decode, judge and compare (nothing durable; a body that cannot be read is refused
here), then the bytes of all deliveries (the commit point, synced), then events and quarantine, then
the closings, last the row in `batches`. What comes behind the commit point is written while the
next group is taken (`accept`), or before the answer (`commit`). Whatever happens in between,
`recover` makes the rest again and doubles nothing.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from collector import recovery, refusal, small
from collector.admission import BENCHES, SQL, Admission, Lost, Outcome
from collector.behind import Behind
from collector.delivery import OTLP_LOGS, OTLP_TRACES, Delivery, DeliveryIds, Kept, Receipt
from collector.derived import EPOCH, Counted, Derived
from collector.lease import Lease
from collector.otlp import read_request
from collector.pending import Known, Pending
from collector.prepare import prepare
from collector.registry import Registry
from collector.source import SourceRegister
from core.clock import Clock
from core.errors import BadInput, Permanent, RevtraceError, StoreRefused
from core.settings import CollectorSettings
from core.store import Store

LOG = logging.getLogger("revtrace.collector")

Answer = Receipt | Permanent


@dataclass(frozen=True)
class Imbalance:
    """A closed delivery whose counts do not agree with each other or with what is stored."""

    delivery: str
    text: str


class Writer:
    """Commits deliveries, one group at a time; MUST be the only one on its store. Any thread may
    call it.
    """

    def __init__(
        self, store: Store, clock: Clock, settings: CollectorSettings | None = None
    ) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings or CollectorSettings()
        self._admission = Admission(store, self._settings.engine_bytes_min)
        self._sources = SourceRegister(store, clock)
        self._registry = Registry(store, clock)
        self._derived = Derived(self._admission, self._sources, clock)
        self._lease = Lease(store, clock)
        self._lock = threading.Lock()
        # Until the first recovery nobody knows what an earlier process left behind.
        self._clean = False
        self._last = 0
        self._ids = DeliveryIds()
        self._behind = Behind()
        self._pending: Pending | None = None
        self._waiting: Known = set()
        self._written: Known = set()
        self._turn = 0
        self._early = False

    @property
    def sources(self) -> SourceRegister:
        """Who is registered; the writer adds unknown senders to it."""
        return self._sources

    @property
    def registry(self) -> Registry:
        """The files and mappings that are known."""
        return self._registry

    @property
    def import_rows(self) -> int:
        """Rows of one delivery of a file."""
        return self._settings.import_rows

    def open(self) -> int:
        """Recover what an earlier process left; returns the deliveries made again. Called by
        `commit` if need be.
        """
        with self._lock:
            self._lease.take()
            return self._recover()

    def keep_lease(self) -> None:
        """Say that this writer still lives, or another one could take its place on a server."""
        with self._lock:
            self._lease.keep()

    def close(self) -> None:
        """Write what waits and let another writer take over at once."""
        with self._lock:
            try:
                self._drain()
            except RevtraceError as error:
                LOG.warning("what waits is written at the next start: %s", error)
            self._lease.release()

    def commit(self, deliveries: Sequence[Delivery]) -> list[Answer]:
        """Make a group durable and visible; one answer a delivery, in order. After `answer_early`
        it becomes visible a little later.

        A Permanent answer means that the delivery was refused and is not kept. Raises Retryable
        when the store is away; then any of them may have been kept, and sending it again stores
        nothing twice.
        """
        if self._early:
            return self.accept(deliveries)
        with self._lock:
            self._ready()
            answers = self._accept(list(deliveries), Take(here=True))
            self._drain()
            return answers

    def accept(self, deliveries: Sequence[Delivery]) -> list[Answer]:
        """Make a group durable; as `commit`, but its events become visible a little later.

        A receipt has its counts, unless it is `pending`. Whoever calls this MUST call `settle`
        often, or `drain`, afterwards.
        """
        with self._lock:
            self._ready()
            answers = self._accept(list(deliveries), Take(late=self._early))
            if self._due():
                self._hand_over()
            return answers

    def answer_early(self, counted: Counted) -> None:
        """Answer from now on as soon as a group is durable; the caller settles what waits, and is
        told the receipts of what was answered as pending.
        """
        self._derived.counted = counted
        self._early = True

    def settle(self) -> bool:
        """Begin to write what has waited long enough, make again what could not be written; says
        whether more is to be settled.
        """
        with self._lock:
            if not self._clean:
                self._recover()
            elif self._due():
                self._hand_over()
            return self._pending is not None or not self._behind.idle()

    def drain(self) -> None:
        """Return when everything that was accepted is visible; raises as `commit`."""
        with self._lock:
            self._drain()

    def ping(self) -> None:
        """Ask the warehouse whether it is there; raises a store error when not."""
        self._store.value(SQL["ping"])

    def prepare(self, delivery: Delivery) -> Delivery:
        """Give a delivery the payload that the engine can read; raises BadInput when no record can
        be told apart.
        """
        return prepare(delivery, self._registry)

    def check_identity(self, since: timedelta | None = None) -> list[Imbalance]:
        """Return closed deliveries that do not balance: no entry is what must be."""
        at = EPOCH if since is None else self._clock.now() - since
        rows = self._store.rows(SQL["check_identity"], {"since": at})
        return [
            Imbalance(
                row["delivery"],
                "received {received} is not stored {stored} + duplicates {duplicates} "
                "+ quarantined {quarantined} + skipped {skipped}, or not what is there: "
                "{stored_rows} events, {quarantined_rows} quarantined".format(**row),
            )
            for row in rows
        ]

    def _ready(self) -> None:
        self._lease.keep()
        if not self._clean:
            self._recover()

    def _accept(self, group: list[Delivery], take: "Take") -> list[Answer]:
        if not group:
            return []
        if sum(one.size for one in group) < self._settings.engine_bytes_min:
            try:
                return self._accept_small(group, take)
            except StoreRefused as error:
                refusal.require_undecodable(error)
                raise
            except BadInput:
                # The engine reads some protobuf that the library refuses, and says whose fault it
                # is.
                pass
        elif take.late and _all_readable_otlp(group):
            return self._accept_late(group)
        return self._accept_large(group, take)

    def _accept_small(self, group: list[Delivery], take: "Take") -> list[Answer]:
        """Judged by the model; the rows wait in memory for those of other small groups."""
        if self._pending is not None and (self._pending.late or self._is_full(self._pending)):
            self._hand_over()
        if not self._behind.idle() and not self._written:
            # What is being written was judged by the engine, so only the warehouse knows it.
            self._await_written()
        pending = self._pending or Pending(self._last + 1)
        kept = self._kept(group, pending.batch)
        judged = small.judge(self._store, kept, self._waiting | self._written)
        refusals = _refusals(group, judged.outcomes)
        if refusals:
            return self._rest(group, refusals, take)
        with self._unclean_when_it_fails():
            self._admission.keep(kept)
        receipts = _receipts(kept, judged.outcomes)
        pending.add_judged(kept, judged, receipts)
        self._waiting |= judged.identities
        self._pending = pending
        return list(receipts)

    def _accept_late(self, group: list[Delivery]) -> list[Answer]:
        """OpenTelemetry is answered without counts, so it is judged in groups of its own size."""
        if self._pending is not None and (not self._pending.late or self._is_full(self._pending)):
            self._hand_over()
        pending = self._pending or Pending(self._last + 1)
        kept = self._kept(group, pending.batch)
        with self._unclean_when_it_fails():
            self._admission.keep(kept)
        pending.add_late(kept)
        self._pending = pending
        return [Receipt(one.id, 0, 0, 0, 0, 0, pending=True) for one in kept]

    def _accept_large(self, group: list[Delivery], take: "Take") -> list[Answer]:
        """Judged by the engine on a bench, while what was judged on the other one is written."""
        if self._pending is not None:
            late = bool(self._pending.late)
            self._hand_over(here=take.here)
            if late:
                # It needs the landing tables too.
                self._await_written()
        batch = self._last + 1
        bench = BENCHES[self._turn]
        kept = self._kept(group, batch)
        try:
            self._admission.judge(kept, bench)
        except StoreRefused as error:
            refusal.require_undecodable(error)
            if len(group) == 1:
                return [refusal.corrupt(group[0], error)]
            middle = len(group) // 2
            return self._accept(group[:middle], take) + self._accept(group[middle:], take)
        self._await_written()
        outcomes = self._admission.compare(kept, Lost(), bench)
        refusals = _refusals(group, outcomes)
        if refusals:
            return self._rest(group, refusals, take)
        with self._unclean_when_it_fails():
            self._admission.keep(kept)
        self._admission.clear_landing()
        receipts = _receipts(kept, outcomes)
        job = partial(self._derived.write_bench, bench, kept, outcomes, batch)
        self._put(job, batch, here=take.here)
        return list(receipts)

    def _rest(
        self, group: list[Delivery], refusals: dict[int, BadInput], take: "Take"
    ) -> list[Answer]:
        rest = iter(self._accept([one for at, one in enumerate(group) if at not in refusals], take))
        return [refusals[at] if at in refusals else next(rest) for at in range(len(group))]

    def _kept(self, group: Sequence[Delivery], batch: int) -> list[Kept]:
        now = self._clock.now()
        return [Kept(self._ids.next(now), batch, now, one) for one in group]

    def _due(self) -> bool:
        """What waits is written when nothing else is, and it has waited for company long enough."""
        if self._pending is None or not self._behind.idle():
            return False
        return self._pending.age_seconds() >= self._settings.behind_wait_seconds

    def _is_full(self, pending: Pending) -> bool:
        """Whoever adds to it must first wait until what is written now is written."""
        return pending.bytes >= self._settings.behind_bytes_max

    def _drain(self) -> None:
        if self._pending is not None:
            self._hand_over(here=True)
        self._await_written()

    def _hand_over(self, *, here: bool = False) -> None:
        pending = self._pending
        assert pending is not None
        self._await_written()
        self._pending = None
        self._written, self._waiting = self._waiting, set()
        job = self._derived.write_late if pending.late else self._derived.write_rows
        self._put(partial(job, BENCHES[self._turn], pending), pending.batch, here=here)

    def _put(self, job: Callable[[], None], batch: int, *, here: bool) -> None:
        self._last = batch
        self._turn = 1 - self._turn

        def watched() -> None:
            with self._unclean_when_it_fails():
                job()

        self._behind.put(watched, here=here)

    def _await_written(self) -> None:
        self._behind.wait()
        self._written = set()

    @contextmanager
    def _unclean_when_it_fails(self) -> Iterator[None]:
        """A failure behind the commit point may leave anything, so the next commit must look."""
        try:
            yield
        except BaseException:
            self._clean = False
            raise

    def _recover(self) -> int:
        """Make the rows of every delivery behind the last closed batch again; returns how many
        there were.
        """
        self._behind.forget()
        self._pending = None
        self._waiting, self._written = set(), set()
        state = self._store.rows(SQL["writer_state"])[0]
        self._last = state["closed"]
        self._derived.go_on_from(state["admitted_at"])
        self._ids = DeliveryIds(state["delivery"])
        self._sources.load()
        unclosed = self._store.rows(SQL["list_unclosed"], {"closed": self._last})
        if unclosed:
            LOG.warning("recovering %d deliveries of an interrupted commit", len(unclosed))
            self._make_again(unclosed)
        self._clean = True
        return len(unclosed)

    def _make_again(self, unclosed: Sequence[dict[str, Any]]) -> None:
        lost = Lost(self._last + 1, int(self._store.value(SQL["last_batch"])))
        groups = (
            recovery.read(self._store, self._registry, chunk)
            for chunk in recovery.chunks(unclosed, self._settings)
        )
        self._last = self._derived.make_again(BENCHES[self._turn], groups, lost)


@dataclass(frozen=True)
class Take:
    """How a group is taken: `late` ones may be judged after the answer, `here` is without a
    thread.
    """

    late: bool = False
    here: bool = False


def _receipts(kept: Sequence[Kept], outcomes: Sequence[Outcome]) -> list[Receipt]:
    return [outcome.receipt(one.id) for one, outcome in zip(kept, outcomes, strict=True)]


def _refusals(group: Sequence[Delivery], outcomes: Sequence[Outcome]) -> dict[int, BadInput]:
    found = enumerate(map(refusal.refusal, group, outcomes))
    return {place: error for place, error in found if error is not None}


def _all_readable_otlp(group: Sequence[Delivery]) -> bool:
    """Say whether each is OpenTelemetry that surely can be decoded later."""
    if any(one.protocol not in (OTLP_LOGS, OTLP_TRACES) for one in group):
        return False
    try:
        for one in group:
            read_request(one.protocol, one.body if one.payload is None else one.payload)
    except BadInput:
        return False
    return True
