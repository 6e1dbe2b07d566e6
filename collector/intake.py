"""The way of a group of deliveries to its commit point: judged, compared, kept; what is derived of
it is written behind, while the next group is taken.

Small groups are judged by the model and wait for others in memory. Large ones, and those that may
supersede events, are judged on one of two benches. OpenTelemetry may be answered before it is
judged at all; then one group of it is judged while the one before is written.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from opentelemetry.trace import SpanContext

from collector import refusal, small
from collector.admission import BENCHES, Admission, Bench, Lost, Outcome
from collector.behind import Behind, Job
from collector.delivery import Delivery, DeliveryIds, Kept, Receipt
from collector.derived import Derived
from collector.journal import Journal
from collector.measures import present_span, written_span
from collector.otlp_glance import Faults, glance
from collector.seen import Seen
from collector.supersession import Supersession
from collector.unwritten import Known, Unwritten
from core.clock import Clock
from core.errors import BadInput, Permanent, StoreRefused, StoreUnavailable
from core.settings import CollectorSettings
from core.store import Store

LOG = logging.getLogger("revtrace.collector")

Answer = Receipt | Permanent
# Beyond that an insert into the warehouse costs less than writing the bytes twice.
JOURNAL_BYTES_MAX = 8 * 1024 * 1024


@dataclass(frozen=True)
class Take:
    """How a group is taken: `late` ones may be judged after the answer, `here` is without a
    thread.
    """

    late: bool = False
    here: bool = False


class Intake:
    """Takes one group at a time; whoever calls it holds the writer's lock.

    `clean` says that nothing is left behind that only a recovery can find; `last` is the number of
    the last batch.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        settings: CollectorSettings,
        admission: Admission,
        derived: Derived,
        supersession: Supersession,
        journal: Journal | None = None,
    ) -> None:
        self._store = store
        self._journal = journal
        self._seen = Seen(store, settings.seen_bytes)
        self._clock = clock
        self._settings = settings
        self._admission = admission
        self._derived = derived
        self._supersession = supersession
        # Until the first recovery nobody knows what an earlier process left behind.
        self.clean = False
        self.last = 0
        self.ids = DeliveryIds()
        self._behind = Behind()
        # Judges late ones, while what was judged before is written behind.
        self._judging = Behind("judging")
        self._unwritten: Unwritten | None = None
        # What is in the journal, by its batch: should the file break, these can still be recovered.
        self.in_journal: dict[int, list[Kept]] = {}
        self._waiting: Known = set()
        self._written: Known = set()
        self._turn = 0
        # Raises when this process may not commit any more.
        self.before_commit: Callable[[], None] = lambda: None
        # Whether what runs are late ones, whose judging needs the landing tables.
        self._late_runs = False

    @property
    def bench(self) -> Bench:
        """The bench whose turn it is."""
        return BENCHES[self._turn]

    @property
    def settled(self) -> bool:
        """Whether nothing waits and nothing runs."""
        return self._unwritten is None and self._idle()

    def journal_depth(self) -> tuple[int, int]:
        """Deliveries that are in the journal and not in the warehouse, and their bytes; any thread
        may ask.
        """
        held = [one for batch in list(self.in_journal.values()) for one in batch]
        return len(held), sum(len(one.given.body) for one in held)

    def forget(self) -> None:
        """Drop what waits, once nothing runs any more: it is durable and is made again. What is
        `in_journal` stays, until the recovery has emptied the journal.
        """
        # In that order, since what is judged is then written.
        self._judging.forget()
        self._behind.forget()
        self._unwritten = None
        self._waiting, self._written = set(), set()
        self._late_runs = False
        self._seen.forget()

    def accept(self, group: list[Delivery], take: Take) -> list[Answer]:
        """Make a group durable; one answer a delivery, in order."""
        if not group:
            return []
        small_enough = sum(one.size for one in group) < self._settings.engine_bytes_min
        if small_enough and not self._supersession.concerns(group):
            try:
                return self._accept_small(group, take)
            except StoreRefused as error:
                refusal.require_undecodable(error)
                raise
            except BadInput:
                # The engine reads some protobuf that the library refuses, and says whose fault it
                # is.
                pass
        elif take.late and (faults := glance(group, self._clock.now())) is not None:
            return self._accept_late(group, take, faults)
        return self._accept_large(group, take)

    def _accept_small(self, group: list[Delivery], take: Take) -> list[Answer]:
        """Judged by the model; the rows wait in memory for those of other small groups."""
        waiting = self._unwritten
        if waiting is not None and (waiting.late or self._is_closed_to(group, waiting)):
            self.hand_over()
        if not self._idle() and not self._written:
            # What is being written was judged by the engine, so only the warehouse knows it.
            self._await_written()
        known = self._waiting | self._written
        self._seen.learn(known)
        unwritten = self._unwritten or Unwritten(self.last + 1)
        kept = self._kept(group, unwritten.batch)
        judged = small.judge(self._store, kept, known, self._seen)
        refusals = _refusals(group, judged.outcomes)
        if refusals:
            return self._rest(group, refusals, take)
        in_journal = self._keep_first(kept, take)
        receipts = _receipts(kept, judged.outcomes)
        unwritten.add_judged(kept, judged, receipts, in_journal=in_journal)
        self._waiting |= judged.identities.keys()
        for (_, _, content), at in judged.identities.items():
            self._seen.add(at, content)
        self._unwritten = unwritten
        return list(receipts)

    def _accept_late(
        self, group: list[Delivery], take: Take, faults: Sequence[Faults]
    ) -> list[Answer]:
        """OpenTelemetry is answered without counts, so it is judged in groups of its own size."""
        waiting = self._unwritten
        if waiting is not None and (not waiting.late or self._is_closed_to(group, waiting)):
            self.hand_over()
        unwritten = self._unwritten or Unwritten(self.last + 1)
        kept = self._kept(group, unwritten.batch)
        in_journal = self._keep_first(kept, take)
        unwritten.add_late(kept, in_journal=in_journal)
        self._unwritten = unwritten
        return [
            Receipt(one.id, 0, 0, 0, 0, 0, seen, counted=False)
            for one, seen in zip(kept, faults, strict=True)
        ]

    def _accept_large(self, group: list[Delivery], take: Take) -> list[Answer]:
        """Judged by the engine on a bench, while what was judged on the other one is written."""
        if self._unwritten is not None:
            self.hand_over(here=take.here)
        if self._late_runs:
            # Handed over here or earlier: either would empty the landing tables under the other.
            self._await_written()
        batch = self.last + 1
        bench = self.bench
        kept = self._kept(group, batch)
        try:
            self._admission.judge(kept, bench)
        except StoreRefused as error:
            refusal.require_undecodable(error)
            if len(group) == 1 and group[0].spooled:
                LOG.error("spooled delivery %s cannot be decoded: %s", group[0].id, error)
                return self.accept([refusal.undecodable_body(group[0])], take)
            if len(group) == 1:
                return [refusal.corrupt(group[0], error)]
            middle = len(group) // 2
            return self.accept(group[:middle], take) + self.accept(group[middle:], take)
        self._await_written()
        outcomes = self._admission.compare(kept, Lost(), bench)
        refusals = _refusals(group, outcomes)
        if refusals:
            return self._rest(group, refusals, take)
        self._keep(kept)
        self._admission.clear_landing()
        receipts = _receipts(kept, outcomes)
        self._seen.forget()
        job = partial(self._derived.write_bench, bench, kept, outcomes, batch)
        self._put(self._behind, job, batch, present_span(), here=take.here)
        return list(receipts)

    def _rest(
        self, group: list[Delivery], refusals: dict[int, BadInput], take: Take
    ) -> list[Answer]:
        rest = iter(self.accept([one for at, one in enumerate(group) if at not in refusals], take))
        return [refusals[at] if at in refusals else next(rest) for at in range(len(group))]

    def _keep(self, kept: Sequence[Kept]) -> None:
        """The commit point."""
        with self._unclean_when_it_fails():
            self.before_commit()
            self._supersession.note_origins(kept)
            self._admission.keep(kept)

    def _keep_first(self, kept: Sequence[Kept], take: Take) -> bool:
        """The commit point of a group that is written with others later; says whether it is the
        journal, from which it goes to the warehouse with them. What is in the spool goes straight
        there, so that it is never looked for in two places.
        """
        large = sum(one.given.size for one in kept) > JOURNAL_BYTES_MAX
        straight = large or take.here or any(one.given.spooled for one in kept)
        if self._journal is None or straight:
            self._keep(kept)
            return False
        with self._unclean_when_it_fails():
            self.before_commit()
            try:
                self._journal.put(kept)
                self.in_journal.setdefault(kept[0].batch, []).extend(kept)
                return True
            except StoreUnavailable as error:
                LOG.warning("a commit goes past the journal: %s", error)
        self._keep(kept)
        return False

    def _kept(self, group: Sequence[Delivery], batch: int) -> list[Kept]:
        now = self._clock.now()
        return [
            Kept(one.id or self.ids.next(now), batch, one.received_at or now, one) for one in group
        ]

    def due(self) -> bool:
        """What waits is written when nothing else is, and it has waited for company long enough;
        late ones are judged when no others are.
        """
        unwritten = self._unwritten
        if unwritten is None:
            return False
        beside = bool(unwritten.late) and self._late_runs
        if not (self._judging.idle() if beside else self._idle()):
            return False
        return unwritten.age_seconds() >= self._settings.behind_wait_seconds

    def _is_closed_to(self, group: Sequence[Delivery], waiting: Unwritten) -> bool:
        """Whoever adds to a full one must first wait until what is written now is written."""
        return waiting.bytes >= self._settings.behind_bytes_max or waiting.is_behind(group)

    def drain(self) -> None:
        """Return when everything that was taken is visible; raises what went wrong with it."""
        if self._unwritten is not None:
            self.hand_over(here=True)
        self._await_written()

    def hand_over(self, *, here: bool = False) -> None:
        """Begin to write what waits, when what was before it is written; late ones are judged as
        soon as the late ones before them are.
        """
        unwritten = self._unwritten
        assert unwritten is not None
        if unwritten.late and self._late_runs and not here:
            self._judging.wait()
        else:
            self._await_written()
        self._unwritten = None
        self._written, self._waiting = self._waiting, set()
        self._late_runs = bool(unwritten.late)
        if unwritten.late:
            self._seen.forget()
        job = self._judge_late if unwritten.late else self._write_small
        runner = self._judging if unwritten.late else self._behind
        begin = partial(job, self.bench, unwritten, here)
        self._put(runner, begin, unwritten.batch, unwritten.span, here=here)

    def _write_small(self, bench: Bench, unwritten: Unwritten, _: bool) -> None:
        self._write_journaled(unwritten)
        self._derived.write_rows(bench, unwritten)

    def _judge_late(self, bench: Bench, unwritten: Unwritten, here: bool) -> None:
        """The first half of late ones, which ends with the beginning of the other one. Its bench is
        free: the last half that used it was waited for by the first one before this.
        """
        self._write_journaled(unwritten)
        write = self._derived.judge_late(bench, unwritten, self._behind.wait)
        self._behind.put(self._watched(write, unwritten.span), here=here)

    def _write_journaled(self, unwritten: Unwritten) -> None:
        """Take deliveries from the journal into the warehouse."""
        if unwritten.in_journal:
            self._supersession.note_origins(unwritten.in_journal)
            self._admission.keep(unwritten.in_journal)
            assert self._journal is not None
            # Meanwhile another writer may have begun, of whose batches this one is.
            self.before_commit()
            self._journal.clear(unwritten.batch)
            self.in_journal.pop(unwritten.batch, None)

    def _put(
        self, runner: Behind, job: Job, batch: int, span: SpanContext | None, *, here: bool
    ) -> None:
        self.last = batch
        self._turn = 1 - self._turn
        runner.put(self._watched(job, span), here=here)

    def _watched(self, job: Job, span: SpanContext | None) -> Job:
        def watched() -> None:
            with self._unclean_when_it_fails(), written_span(span):
                self.before_commit()
                job()

        return watched

    def _idle(self) -> bool:
        # In that order, since what is judged is then written.
        return self._judging.idle() and self._behind.idle()

    def _await_written(self) -> None:
        self._judging.wait()
        self._behind.wait()
        self._written = set()
        self._late_runs = False

    @contextmanager
    def _unclean_when_it_fails(self) -> Iterator[None]:
        """A failure behind the commit point may leave anything, so the next commit must look."""
        try:
            yield
        except BaseException:
            self.clean = False
            raise


def _receipts(kept: Sequence[Kept], outcomes: Sequence[Outcome]) -> list[Receipt]:
    return [outcome.receipt(one.id) for one, outcome in zip(kept, outcomes, strict=True)]


def _refusals(group: Sequence[Delivery], outcomes: Sequence[Outcome]) -> dict[int, BadInput]:
    found = enumerate(map(refusal.refusal, group, outcomes))
    return {place: error for place, error in found if error is not None}
