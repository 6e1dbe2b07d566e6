"""Replay: the records of deliveries that have something in quarantine are made again, with the
mapping as it is now.

Each replay is a delivery of its own that points at the one it makes again (docs/adr/014). What
comes out the same is a duplicate, what the mended mapping makes otherwise supersedes what was made
before, what is admitted now is settled in the quarantine. A replay that would change nothing is
not made, so asking twice stores nothing new.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from collector.delivery import PAYLOAD, ROW_PROTOCOLS, Delivery, Kept, Receipt
from collector.judge import COLUMNS, judged_rows
from collector.mapping import AnyMapping
from collector.payload_mapping import PayloadMapping
from collector.prepare import REPLAY, Replay, prepare
from collector.writer import Writer
from core.clock import Clock
from core.errors import BadInput, ConfigInvalid, Permanent, RevtraceError, StoreUnavailable
from core.store import SqlFolder, Store

SQL = SqlFolder(__file__)
LOG = logging.getLogger("revtrace.collector")
RECORD, REASON, FIELD, RAW = map(COLUMNS.index, ("record", "reason", "field", "raw"))
FAULTS_TOLD = 20


@dataclass(frozen=True)
class Asked:
    """Which quarantined records are meant; what is empty asks for all."""

    records: Sequence[str] = ()
    reason: str = ""
    source: str = ""
    mapping: str = ""

    def params(self, state: str = "open") -> dict[str, Any]:
        """The parameters of the statements over `quarantine_matching`."""
        return {
            "records": list(self.records),
            "reason": self.reason,
            "source": self.source,
            "mapping": self.mapping,
            "state": state,
        }


@dataclass(frozen=True)
class Replayed:
    """What a replay of one delivery did, or would do; `problem` says why it cannot be made.

    `broken` are records that were stored before and are refused by the mapping as it is now; each
    of the `faults` says whether it is such a one, `new`.
    """

    origin: str
    waiting: int
    mapping: str = ""
    mapping_version: int = 0
    admitted: int = 0
    still: int = 0
    broken: int = 0
    replay: str = ""
    stored: int = 0
    duplicates: int = 0
    quarantined: int = 0
    skipped: int = 0
    faults: tuple[Mapping[str, Any], ...] = ()
    problem: str = ""


Progress = Callable[[int, int], None]


class Quarantine:
    """Makes quarantined records again, through the one writer."""

    def __init__(
        self, store: Store, writer: Writer, clock: Clock, mappings: Mapping[str, AnyMapping]
    ) -> None:
        self._store = store
        self._writer = writer
        self._clock = clock
        self._mappings = {mapping.name: mapping for mapping in mappings.values()}

    def replay(
        self, asked: Asked, by: str, *, dry_run: bool = False, progress: Progress | None = None
    ) -> list[Replayed]:
        """Replay every delivery that has an open record which is asked for; the others go on when
        one cannot be made again.
        """
        origins = self._store.rows(SQL["quarantine_origins"], asked.params())
        made = []
        for place, row in enumerate(origins, start=1):
            made.append(self._one(row["origin"], row["records"], by, dry_run))
            if progress is not None:
                progress(place, len(origins))
        # What was stored is visible before it is said to be.
        self._writer.drain()
        return made

    def _one(self, origin: str, waiting: int, by: str, dry_run: bool) -> Replayed:
        told = Replayed(origin, waiting)
        try:
            delivery = self._delivery(origin, by)
            told = replace(told, mapping=delivery.mapping, mapping_version=delivery.mapping_version)
            faults = self._faults(delivery)
            held = self._store.rows(SQL["quarantine_open_of"], {"origin": origin})
            told = _foretold(told, faults, held, by_place=delivery.protocol in ROW_PROTOCOLS)
            if dry_run or self._is_same(delivery, origin, faults, held):
                return told
            return self._committed(told, delivery)
        except StoreUnavailable:
            raise
        except RevtraceError as error:
            return replace(told, problem=str(error))

    def _delivery(self, origin: str, by: str) -> Delivery:
        given = self._writer.registry.delivery(origin)
        mapping = self._mapping_of(given)
        named = (mapping.name, mapping.version) if mapping else None
        name, version = named or (given.mapping, given.mapping_version)
        again = replace(
            given,
            body=Replay(origin, by).body(),
            content_type=REPLAY,
            content_encoding="",
            mapping=name,
            mapping_version=version,
        )
        return prepare(again, self._writer.registry)

    def _mapping_of(self, given: Delivery) -> AnyMapping | None:
        """The mapping as it is now; None where the records are events already."""
        if given.protocol == PAYLOAD:
            source = self._writer.sources.declared.get(given.source)
            if source is not None and isinstance(source.mapping, PayloadMapping):
                return source.mapping
            if given.mapping not in self._mappings:
                raise ConfigInvalid(
                    f"source {given.source}",
                    "has no mapping any more",
                    "Give its file a mapping or a system that has one",
                )
        if given.protocol in (PAYLOAD, *ROW_PROTOCOLS) and given.mapping in self._mappings:
            found = self._mappings[given.mapping]
            self._writer.registry.register_mappings([found])
            return found
        return None

    def _faults(self, delivery: Delivery) -> "list[_Fault]":
        """What would be quarantined."""
        rows = judged_rows([Kept("", 0, self._clock.now(), delivery)])
        return [
            _Fault(row[RECORD], row[REASON], row[FIELD], bytes(row[RAW]))
            for row in rows
            if row[REASON]
        ]

    def _is_same(
        self,
        delivery: Delivery,
        origin: str,
        faults: "Sequence[_Fault]",
        held: Sequence[Any],
    ) -> bool:
        """Say whether everything would come out as it did: same mapping, same faults."""
        params = {"origin": origin, "mapping": delivery.mapping}
        newest = int(self._store.value(SQL["newest_version"], params) or 0)
        waiting = sorted((row["reason"], row["field"], _bytes(row["raw"])) for row in held)
        told = sorted((each.reason, each.field, each.raw) for each in faults)
        return newest >= delivery.mapping_version and waiting == told

    def _committed(self, told: Replayed, delivery: Delivery) -> Replayed:
        answer = self._writer.commit([delivery])[0]
        if isinstance(answer, Permanent):
            raise answer
        assert isinstance(answer, Receipt)
        return replace(
            told,
            replay=answer.delivery,
            stored=answer.stored,
            duplicates=answer.duplicates,
            quarantined=answer.quarantined,
            skipped=answer.skipped,
        )


@dataclass(frozen=True)
class _Fault:
    """Why a record would be quarantined, and its place among those of its delivery."""

    record: int
    reason: str
    field: str
    raw: bytes


def _foretold(
    told: Replayed, faults: Sequence[_Fault], held: Sequence[Any], *, by_place: bool
) -> Replayed:
    """What becomes of what waits. A record is known by its bytes, since a mended mapping may split
    a payload in another way; a row by its place, since its bytes are what its mapping made of it.
    """
    bad = {each.record if by_place else each.raw for each in faults}
    waiting = [row["record"] if by_place else _bytes(row["raw"]) for row in held]
    still = sum(each in bad for each in waiting)
    waited = set(waiting)
    new = [(each.record if by_place else each.raw) not in waited for each in faults]
    shown = tuple(
        {
            "reason": each.reason,
            "field": each.field,
            "raw": each.raw.decode("utf-8", "replace"),
            "new": is_new,
        }
        for each, is_new in list(zip(faults, new, strict=True))[:FAULTS_TOLD]
    )
    return replace(
        told,
        waiting=len(held),
        admitted=len(held) - still,
        still=still,
        broken=sum(new),
        faults=shown,
    )


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogateescape")


def check_selection(asked: Asked, everything: bool) -> None:
    """Raise BadInput unless something is asked for, or everything by name."""
    chosen = bool(asked.records or asked.reason or asked.source or asked.mapping)
    if chosen == everything:
        raise BadInput(
            "quarantine replay",
            "needs records, --reason, --source or --mapping, or --all alone",
            "See `revtrace quarantine list`",
        )
    for record in asked.records:
        delivery, _, number = record.rpartition(":")
        if not delivery or not number.isdecimal():
            raise BadInput(f"{record}", "names no record", "Write it as `quarantine list` does")
