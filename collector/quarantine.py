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

from collector.delivery import CSV, PAYLOAD, ROWS, Delivery, Kept, Receipt
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
REASON, FIELD, RAW = (COLUMNS.index(name) for name in ("reason", "field", "raw"))
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
    """What a replay of one delivery did, or would do; `problem` says why it cannot be made."""

    origin: str
    waiting: int
    mapping: str = ""
    mapping_version: int = 0
    admitted: int = 0
    still: int = 0
    replay: str = ""
    stored: int = 0
    duplicates: int = 0
    quarantined: int = 0
    skipped: int = 0
    faults: tuple[Mapping[str, str], ...] = ()
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
            told = self._foretold(told, faults, held)
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
        if given.protocol in (PAYLOAD, CSV, ROWS) and given.mapping in self._mappings:
            found = self._mappings[given.mapping]
            self._writer.registry.register_mappings([found])
            return found
        return None

    def _faults(self, delivery: Delivery) -> list[tuple[str, str, bytes]]:
        """What would be quarantined: reason, field and bytes of each."""
        kept = Kept("", 0, self._clock.now(), delivery)
        rows = judged_rows([kept])
        return [(row[REASON], row[FIELD], bytes(row[RAW])) for row in rows if row[REASON]]

    def _foretold(
        self, told: Replayed, faults: Sequence[tuple[str, str, bytes]], held: Sequence[Any]
    ) -> Replayed:
        bad = {raw for _, _, raw in faults}
        still = sum(_bytes(row["raw"]) in bad for row in held)
        shown = tuple(
            {"reason": reason, "field": name, "raw": raw.decode("utf-8", "replace")}
            for reason, name, raw in faults[:FAULTS_TOLD]
        )
        return replace(
            told, waiting=len(held), admitted=len(held) - still, still=still, faults=shown
        )

    def _is_same(
        self,
        delivery: Delivery,
        origin: str,
        faults: Sequence[tuple[str, str, bytes]],
        held: Sequence[Any],
    ) -> bool:
        """Say whether everything would come out as it did: same mapping, same faults."""
        params = {"origin": origin, "mapping": delivery.mapping}
        newest = int(self._store.value(SQL["newest_version"], params) or 0)
        waiting = sorted((row["reason"], row["field"], _bytes(row["raw"])) for row in held)
        return newest >= delivery.mapping_version and waiting == sorted(faults)

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
