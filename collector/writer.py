"""The one admitting writer of a store: groups of deliveries become durable, then events, then
closed.

Order of a commit: decode and judge on the bench (nothing durable; a body that cannot be read is
refused here), then the bytes of all deliveries (the commit point, synced), then events and
quarantine, then the closings, last the row in `batches`. Whatever happens in between, `recover`
makes the rest again and doubles nothing.
"""

import logging
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from collector.admission import SQL, Admission, Lost, Outcome
from collector.delivery import Delivery, DeliveryIds, Kept, Receipt
from collector.lease import Lease
from collector.prepare import prepare
from collector.redaction import Redactor, redactor_of
from collector.registry import Registry, delivery_of
from collector.source import Source, SourceRegister
from collector.supersession import Supersession
from core.clock import Clock
from core.errors import BadInput, Permanent, RevtraceError, StoreRefused, StoreUnavailable
from core.event import REASON_TEXTS
from core.settings import CollectorSettings
from core.store import Store

LOG = logging.getLogger("revtrace.collector")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# What the engine says of a body that it cannot decode: CANNOT_PARSE_ESCAPE_SEQUENCE, _QUOTED_STRING
# and _INPUT_ASSERTION_FAILED, ATTEMPT_TO_READ_AFTER_EOF, CANNOT_READ_ALL_DATA, CANNOT_PARSE_NUMBER,
# INCORRECT_DATA, and bytes that are no protobuf at all.
UNDECODABLE_CODES = frozenset({25, 26, 27, 32, 33, 72, 117, 444})

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
        self._redactor = Redactor({})
        self._supersession = Supersession(store)
        self._lease = Lease(store, clock)
        self._lock = threading.Lock()
        # Until the first recovery nobody knows what an earlier process left behind.
        self._clean = False
        self._closed = 0
        self._admitted_at = EPOCH
        self._ids = DeliveryIds()

    @property
    def sources(self) -> SourceRegister:
        """Who is registered; the writer adds unknown senders to it."""
        return self._sources

    @property
    def redactor(self) -> Redactor:
        """What the declared sources do not want to be kept."""
        return self._redactor

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
        """Let another writer take over at once."""
        with self._lock:
            self._lease.release()

    def commit(self, deliveries: Sequence[Delivery]) -> list[Answer]:
        """Make a group durable and visible; one answer a delivery, in order.

        A Permanent answer means that the delivery was refused and is not kept. Raises Retryable
        when the store is away; then any of them may have been kept, and sending it again stores
        nothing twice.
        """
        with self._lock:
            self._lease.keep()
            if not self._clean:
                self._recover()
            answers = self._commit_ready(deliveries)
            if sum(one.size for one in deliveries) >= self._settings.engine_bytes_min:
                # What lies on the bench is memory that nobody needs until the next commit.
                self._admission.clear()
            return answers

    def ping(self) -> None:
        """Ask the warehouse whether it is there; raises a store error when not."""
        self._store.value(SQL["ping"])

    def prepare(self, delivery: Delivery) -> Delivery:
        """Redact a delivery and give it the payload that the engine can read; raises BadInput when
        no record can be told apart. MUST come before a delivery is kept anywhere, a spool too.
        """
        return prepare(self._redactor.redacted(delivery, self._registry), self._registry)

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

    def _commit_ready(self, deliveries: Sequence[Delivery]) -> list[Answer]:
        """Commit what nobody has redacted before, files for example, redacted as well."""
        answers: dict[int, Answer] = {}
        ready: list[Delivery] = []
        for place, one in enumerate(deliveries):
            try:
                redacted = self._redactor.redacted(one, self._registry)
                ready.append(one if redacted is one else prepare(redacted, self._registry))
            except BadInput as error:
                answers[place] = error
        rest = iter(self._commit(ready))
        return [answers[at] if at in answers else next(rest) for at in range(len(deliveries))]

    def _commit(self, group: list[Delivery]) -> list[Answer]:
        if not group:
            return []
        now = self._clock.now()
        batch = self._closed + 1
        kept = [Kept(self._ids.next(now), batch, now, one) for one in group]
        try:
            outcomes = self._admission.stage(kept, Lost())
        except StoreRefused as error:
            _require_undecodable(error)
            return self._blame(group, error)
        refusals = {
            place: refusal
            for place, outcome in enumerate(outcomes)
            if (refusal := _refusal(group[place], outcome)) is not None
        }
        if refusals:
            rest = iter(self._commit([one for at, one in enumerate(group) if at not in refusals]))
            return [refusals[at] if at in refusals else next(rest) for at in range(len(group))]
        # From here on a failure may leave anything behind, so the next commit must look first.
        self._clean = False
        self._supersession.note_origins(kept)
        self._admission.keep_deliveries()
        receipts = self._admit(kept, outcomes, batch, Lost())
        self._finish(batch, receipts)
        self._clean = True
        return list(receipts)

    def _blame(self, group: list[Delivery], error: StoreRefused) -> list[Answer]:
        """The engine refuses a whole group for one corrupt body: halve it until only the culprit is
        left.
        """
        if len(group) == 1:
            return [
                BadInput(
                    f"the {group[0].protocol} body cannot be decoded",
                    _engine_words(error),
                    "Send what the protocol asks for",
                )
            ]
        middle = len(group) // 2
        return self._commit(group[:middle]) + self._commit(group[middle:])

    def _admit(
        self, kept: Sequence[Kept], outcomes: Sequence[Outcome], batch: int, lost: Lost
    ) -> list[Receipt]:
        at = self._next_instant()
        self._sources.register_unknown(
            {name for outcome in outcomes for name in outcome.sources}, at
        )
        quarantined = any(outcome.quarantined for outcome in outcomes)
        self._admission.store_staged(batch, at, quarantined=quarantined)
        if lost.first <= lost.last:
            self._admission.restore_derived(batch, at)
        self._supersession.apply(kept, batch, at)
        receipts = [outcome.receipt(one.id) for one, outcome in zip(kept, outcomes, strict=True)]
        self._admission.close(receipts, batch, at)
        return receipts

    def _finish(self, batch: int, receipts: Sequence[Receipt]) -> None:
        rows = sum(receipt.stored for receipt in receipts)
        self._admission.finish(batch, self._admitted_at, rows)
        self._closed = batch

    def _next_instant(self) -> datetime:
        """The time of admission only grows, whatever the machine's clock does."""
        self._admitted_at = max(self._clock.now(), self._admitted_at + timedelta(microseconds=1))
        return self._admitted_at

    def _recover(self) -> int:
        """Make the rows of every delivery behind the last closed batch again; returns how many
        there were.
        """
        state = self._store.rows(SQL["writer_state"])[0]
        self._closed = state["closed"]
        self._admitted_at = max(self._admitted_at, state["admitted_at"])
        self._ids = DeliveryIds(state["delivery"])
        self._sources.load()
        unclosed = self._store.rows(SQL["list_unclosed"], {"closed": self._closed})
        if unclosed:
            LOG.warning("recovering %d deliveries of an interrupted commit", len(unclosed))
            self._make_again(unclosed)
        self._clean = True
        return len(unclosed)

    def _make_again(self, unclosed: Sequence[dict[str, Any]]) -> None:
        batch = int(self._store.value(SQL["last_batch"]))
        lost = Lost(self._closed + 1, batch)
        receipts: list[Receipt] = []
        for chunk in self._chunks(unclosed):
            for part in self._readable_parts(self._read(chunk), lost):
                batch += 1
                receipts += self._admit_again(part, batch, lost)
        # One row for all: until it is there a new crash begins the same recovery from its start.
        self._finish(batch, receipts)

    def _admit_again(self, kept: list[Kept], batch: int, lost: Lost) -> list[Receipt]:
        outcomes = self._admission.stage(kept, lost)
        return self._admit(kept, outcomes, batch, lost)

    def _readable_parts(self, kept: list[Kept], lost: Lost) -> Iterator[list[Kept]]:
        """Split so that a body the engine refuses stands alone, and turn that one into a
        quarantined record.
        """
        try:
            self._admission.stage(kept, lost)
        except StoreRefused as error:
            _require_undecodable(error)
            if len(kept) == 1:
                LOG.error("delivery %s cannot be decoded: %s", kept[0].id, error)
                yield [_undecodable(kept[0])]
                return
            middle = len(kept) // 2
            yield from self._readable_parts(kept[:middle], lost)
            yield from self._readable_parts(kept[middle:], lost)
            return
        yield kept

    def _chunks(self, unclosed: Sequence[dict[str, Any]]) -> Iterator[list[str]]:
        chunk: list[str] = []
        size = 0
        for row in unclosed:
            full = len(chunk) >= self._settings.commit_deliveries_max
            if chunk and (full or size + row["bytes"] > self._settings.commit_bytes_max):
                yield chunk
                chunk, size = [], 0
            chunk.append(row["delivery"])
            size += row["bytes"]
        yield chunk

    def _read(self, deliveries: list[str]) -> list[Kept]:
        rows = self._store.rows(SQL["read_deliveries"], {"deliveries": deliveries})
        return [self._kept(row) for row in rows]

    def _kept(self, row: dict[str, Any]) -> Kept:
        given = delivery_of(row)
        try:
            given = prepare(given, self._registry)
        except RevtraceError as error:
            if isinstance(error, StoreUnavailable):
                raise
            LOG.error("delivery %s cannot be prepared again: %s", row["delivery"], error)
            given = _undecodable_body(given)
        return Kept(row["delivery"], row["batch"], row["received_at"], given)


def _refusal(delivery: Delivery, outcome: Outcome) -> BadInput | None:
    """A request of which no record can be told apart is refused; a file is never, its rows go to
    quarantine.
    """
    if delivery.file or delivery.replays or outcome.readable or outcome.skipped:
        return None
    if outcome.faults:
        line, reason, name = outcome.faults[0]
        where = f"line {line}" + (f", field {name}" if name else "")
        return BadInput(
            f"no record can be read: {where}",
            REASON_TEXTS[reason],
            "Send one JSON object a line, or a JSON array of objects",
        )
    if delivery.payload is None and delivery.protocol == "ndjson":
        return BadInput("the body has no record", "it is empty", "Send one JSON object a line")
    return None


def _undecodable(kept: Kept) -> Kept:
    return replace(kept, given=_undecodable_body(kept.given))


def _undecodable_body(given: Delivery) -> Delivery:
    """One line that is no JSON, so that what cannot be decoded any more is quarantined and counted,
    not lost.
    """
    text = given.body.decode("utf-8", "backslashreplace")
    line = " ".join(text.splitlines()) or "empty"
    return replace(given, protocol="unreadable", payload=f"unreadable: {line}".encode(), numbers=())


def _require_undecodable(error: StoreRefused) -> None:
    """Raise StoreUnavailable unless the refusal is the fault of a body: what is wrong with the
    warehouse must not cost a sender its events.
    """
    if error.code not in UNDECODABLE_CODES:
        raise StoreUnavailable(error.what, error.why, error.todo) from error


def _engine_words(error: StoreRefused) -> str:
    return error.why.split("DB::Exception:")[-1].strip()[:300]
