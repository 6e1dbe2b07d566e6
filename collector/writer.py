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
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

from collector import identity, recovery, refusal
from collector.admission import SQL, Admission, Lost
from collector.aftermath import Aftermath
from collector.delivery import Delivery, Kept, Receipt
from collector.derived import Counted, Derived
from collector.identity import BATCHES_MAX, Imbalance
from collector.intake import Answer, Intake, Take
from collector.journal import Journal
from collector.judge import EPOCH
from collector.lease import Lease
from collector.prepare import prepare
from collector.redaction import Redactor, redactor_of, withheld
from collector.registry import Registry
from collector.source import Source, SourceRegister
from collector.supersession import Supersession
from core.clock import Clock
from core.errors import BadInput, RevtraceError, StoreUnavailable
from core.settings import CollectorSettings
from core.store import Store

LOG = logging.getLogger("revtrace.collector")

__all__ = ["Answer", "Imbalance", "Journal", "Writer"]


class Writer:
    """Commits deliveries, one group at a time; MUST be the only one on its store. Any thread may
    call it.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        settings: CollectorSettings | None = None,
        journal: Journal | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings or CollectorSettings()
        self._admission = admission = Admission(store, self._settings.engine_bytes_min)
        self._sources = SourceRegister(store, clock)
        self._registry = Registry(store, clock)
        self._redactor = Redactor({})
        self._registry.redact = lambda one: self._redactor.redacted(one, self._registry)
        self._supersession = supersession = Supersession(store)
        self._derived = Derived(admission, self._sources, supersession, clock)
        self._journal = journal
        used = journal if self._settings.journal else None
        self._intake = Intake(
            store, clock, self._settings, admission, self._derived, supersession, used
        )
        self._lease = Lease(store, clock)
        self._intake.before_commit = self._require_lease
        self._aftermath = Aftermath(store, clock, self._settings)
        self._lock = threading.Lock()
        # Both who commits and what is written behind ask for the lease.
        self._leasing = threading.Lock()
        self._lease_lost = False
        self._early = False

    @property
    def sources(self) -> SourceRegister:
        """Who is registered; the writer adds unknown senders to it."""
        return self._sources

    @property
    def redactor(self) -> Redactor:
        """What the declared sources do not want to be kept."""
        return self._redactor

    def expect(self, sources: Iterable[Source]) -> None:
        """Take the declared sources while the warehouse is away: their mappings, what they redact.
        `declare` MUST follow before anything of theirs is committed.
        """
        listed = list(sources)
        redactor = redactor_of(listed)
        self._registry.learn(one.mapping for one in listed if one.mapping)
        self._sources.expect(listed)
        self._redactor = redactor

    def declare(self, sources: Iterable[Source]) -> None:
        """Take the declared sources: who they are, their mappings, what they redact. May be called
        again, when a file was mended; raises ConfigInvalid and then changes nothing.
        """
        listed = list(sources)
        redactor = redactor_of(listed)
        with self._lock:
            self._registry.register_mappings(one.mapping for one in listed if one.mapping)
            self._sources.declare(listed)
            self._redactor = redactor

    @property
    def registry(self) -> Registry:
        """The files and mappings that are known."""
        return self._registry

    @property
    def import_rows(self) -> int:
        """Rows of one delivery of a file."""
        return self._settings.import_rows

    def open(self, sources: Iterable[Source] = ()) -> int:
        """Recover what an earlier process left; returns the deliveries made again. Called by
        `commit` if need be.
        """
        # What a replay of them makes again is redacted as well.
        listed = list(sources)
        if listed:
            self._redactor = redactor_of(listed)
        with self._lock:
            self._lease.take()
            return self._recover()

    def keep_lease(self) -> None:
        """Say that this writer still lives, or another one could take its place on a server."""
        with self._lock:
            self._keep_lease()

    def close(self) -> None:
        """Write what waits and let another writer take over at once. Who has lost the lease writes
        nothing: it is in the journal, or another one has made it again.
        """
        with self._lock:
            try:
                self._keep_lease()
                self._intake.drain()
            except RevtraceError as error:
                LOG.warning("what waits is written at the next start: %s", error)
            if self._journal is not None:
                self._journal.close()
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
        with self._lock, self._doubted_when_away():
            answers = self._take(deliveries, Take(here=True))
            self._intake.drain()
            return answers

    def accept(self, deliveries: Sequence[Delivery]) -> list[Answer]:
        """Make a group durable; as `commit`, but its events become visible a little later.

        A receipt has its counts, unless it is not `counted`. Whoever calls this MUST call `settle`
        often, or `drain`, afterwards.
        """
        with self._lock, self._doubted_when_away():
            answers = self._take(deliveries, Take(late=self._early))
            if self._intake.due():
                self._intake.hand_over()
            return answers

    def answer_early(self, counted: Counted) -> None:
        """Answer from now on as soon as a group is durable; the caller settles what waits, and is
        told the receipts of what was answered uncounted.
        """
        self._derived.counted = counted
        self._early = True

    def settle(self) -> bool:
        """Begin to write what has waited long enough, make again what could not be written; says
        whether more is to be settled.
        """
        with self._lock:
            self._keep_lease()
            if not self._intake.clean:
                self._recover()
            elif self._intake.due():
                self._intake.hand_over()
            return not self._intake.settled

    def drain(self) -> None:
        """Return when everything that was accepted is visible; raises as `commit`."""
        with self._lock:
            self._keep_lease()
            if not self._intake.clean:
                self._recover()
            self._intake.drain()

    def journal_depth(self) -> tuple[int, int]:
        """Deliveries and bytes that are durable in the journal and not in the warehouse yet."""
        return self._intake.journal_depth()

    @property
    def clock(self) -> Clock:
        """The clock of receipt."""
        return self._clock

    def ids_behind(self, last: str) -> None:
        """Give ids behind this one, which an earlier process gave."""
        self._intake.ids.behind(last)

    def stamp(self, delivery: Delivery) -> Delivery:
        """Give a delivery its id and its time of receipt, which it keeps wherever it waits."""
        now = self._clock.now()
        return replace(delivery, id=self._intake.ids.next(now), received_at=now)

    def ping(self) -> None:
        """Ask the warehouse whether it is there; raises a store error when not."""
        self._store.value(SQL["ping"])

    def prepare(self, delivery: Delivery) -> Delivery:
        """Redact a delivery and give it the payload that the engine can read; raises BadInput when
        no record can be told apart. MUST come before a delivery is kept anywhere, a spool too.
        """
        return prepare(self._redactor.redacted(delivery, self._registry), self._registry)

    def prepare_again(self, delivery: Delivery) -> Delivery:
        """The same for a delivery that was acknowledged: what cannot be read any more becomes one
        record, which is quarantined and counted.
        """
        return recovery.prepare_again(delivery, self._registry)

    def check_identity(
        self, since: timedelta | None = None, batches_max: int = BATCHES_MAX
    ) -> list[Imbalance]:
        """Return deliveries of ended commits that do not balance, a hundred at most: no entry is
        what must be.
        """
        at = EPOCH if since is None else self._clock.now() - since
        return identity.check(self._store, at, batches_max)

    def _keep_lease(self) -> None:
        """What is known of the warehouse is of the time that this writer was the only one."""
        with self._leasing:
            if self._lease.keep():
                self._lease_lost = True
                self._intake.clean = False

    def _require_lease(self) -> None:
        self._keep_lease()
        if self._lease_lost:
            raise StoreUnavailable("the lease of this writer ran out during a commit")

    def _take(self, deliveries: Sequence[Delivery], take: Take) -> list[Answer]:
        self._keep_lease()
        if not self._intake.clean:
            self._recover()
        answers: dict[int, Answer] = {}
        group: list[Delivery] = []
        known = self._known(deliveries)
        for place, one in enumerate(deliveries):
            try:
                if one.id in known:
                    answers[place] = known[one.id]
                else:
                    group.append(self._redacted(one))
            except BadInput as error:
                answers[place] = error
        made = iter(self._intake.accept(group, take))
        return [answers[at] if at in answers else next(made) for at in range(len(deliveries))]

    def _redacted(self, delivery: Delivery) -> Delivery:
        """A delivery that nobody has redacted before, or not by the rules of now, redacted as well;
        of what was acknowledged and cannot be, it is kept that it was there.
        """
        try:
            redacted = self._redactor.redacted(delivery, self._registry)
        except BadInput:
            if not delivery.spooled:
                raise
            return refusal.undecodable_body(replace(delivery, body=withheld(delivery.body)))
        if redacted is delivery:
            return delivery
        if delivery.spooled:
            return recovery.prepare_again(redacted, self._registry)
        return prepare(redacted, self._registry)

    def _redacted_again(self, kept: Kept) -> Kept:
        """What was acknowledged by an earlier process, whose rules may have been others."""
        return replace(kept, given=self._redacted(replace(kept.given, spooled=True)))

    def _known(self, deliveries: Sequence[Delivery]) -> dict[str, Answer]:
        """Which spooled deliveries are in the table already: a crash came between their commit and
        their leaving the spool.
        """
        spooled = [one.id for one in deliveries if one.spooled]
        if not spooled:
            return {}
        rows = self._store.rows(SQL["find_receipts"], {"deliveries": spooled})
        return {row["delivery"]: Receipt(**row) for row in rows}

    @contextmanager
    def _doubted_when_away(self) -> Iterator[None]:
        """A server may have lost its power meanwhile, or still be at what was asked of it."""
        try:
            yield
        except StoreUnavailable:
            self._intake.clean = False
            raise

    def _recover(self) -> int:
        """Make the rows of every delivery behind the last closed batch again; returns how many
        there were.
        """
        self._intake.forget()
        self._lease_lost = False
        self._aftermath.end_orphans()
        uncounted: list[str] = []
        if self._journal is not None:
            commits = recovery.each_once(self._journal.read(), self._intake.in_journal.values())
            redacted = ([self._redacted_again(one) for one in commit] for commit in commits)
            saved, uncounted = recovery.empty_journal(
                redacted, self._store, self._admission, self._supersession, self._settings
            )
            if saved:
                LOG.warning("%d deliveries were in the journal only", saved)
        state = self._store.rows(SQL["writer_state"])[0]
        self._intake.last = state["closed"]
        self._derived.go_on_from(state["admitted_at"])
        self._intake.ids.behind(state["delivery"])
        self._sources.load()
        first = self._intake.last + 1
        if damaged := self._aftermath.first_damaged(state["admitted_at"]):
            LOG.error("commits from number %d on were damaged: they are made again", damaged)
            first = damaged
        asked = {"closed": first - 1, "deliveries": uncounted}
        unclosed = self._store.rows(SQL["list_unclosed"], asked)
        if unclosed:
            LOG.warning("recovering %d deliveries of an interrupted commit", len(unclosed))
            lost = Lost(first, int(self._store.value(SQL["last_batch"])))
            groups = recovery.read_all(self._store, self._registry, unclosed, self._settings)
            self._intake.last = self._derived.make_again(self._intake.bench, groups, lost)
        if self._journal is not None:
            self._journal.clear()
            self._intake.in_journal.clear()
        self._intake.clean = True
        return len(unclosed)
