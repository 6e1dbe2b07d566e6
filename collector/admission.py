"""Admission of landed deliveries by the engine: decode, judge, find duplicates, store. Values in,
counts out.

The order of a commit is the writer's business; this class runs the statements of one step each.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from collector.delivery import (
    LANDING_COLUMNS,
    OTLP_LOGS,
    OTLP_TRACES,
    Kept,
    Receipt,
)
from collector.judge import COLUMNS as JUDGED_COLUMNS
from collector.judge import judged_rows
from core.errors import BadInput
from core.event import (
    AMOUNT,
    CURRENCIES,
    INSTANT,
    MEASURES,
    REFUSED,
    SNAKE_CASE,
    Context,
    IntegrationEvent,
    Reason,
)
from core.store import SqlFolder, Store

SQL = SqlFolder(__file__)
PROTO = Path(__file__).parent / "sql" / "otlp.proto"

# The lists and patterns of the contract, so that SQL and model are told them once.
CONTRACT: Mapping[str, Any] = {
    "fields": list(IntegrationEvent.model_fields),
    "context_fields": list(Context.model_fields),
    "reasons": [str(reason) for reason in Reason],
    "refused": REFUSED,
    "instant": INSTANT,
    "amount": AMOUNT,
    "word": SNAKE_CASE,
    "currencies": list(CURRENCIES),
    "measures": list(MEASURES),
}
# The engine's optimizer merges the steps of the admission into one and then computes shared values
# many times over (seen: 28 us a row in place of 7); there is nothing here for it to gain.
BENCH = {"query_plan_enable_optimizations": 0, "max_insert_threads": 4}
LANDING_PARTS = 4
PART_BYTES_MIN = 512 * 1024
# A file may span many years; the engine's default of 100 partitions an insert is for other uses.
WIDE = {"max_partitions_per_insert_block": 0, "max_insert_threads": 2}


@dataclass(frozen=True)
class Lost:
    """The batches that were begun and never closed; none: `Lost(1, 0)`."""

    first: int = 1
    last: int = 0


@dataclass(frozen=True)
class Outcome:
    """What one landed delivery comes to, before it is written."""

    received: int
    stored: int
    duplicates: int
    quarantined: int
    skipped: int
    readable: int
    sources: tuple[str, ...]
    faults: tuple[tuple[int, str, str], ...]
    totals: Mapping[str, Decimal]

    def receipt(self, delivery: str) -> Receipt:
        """The counts under the id of their delivery."""
        faults = tuple(
            {"line": line, "reason": reason, "field": name} for line, reason, name in self.faults
        )
        return Receipt(
            delivery,
            self.received,
            self.stored,
            self.duplicates,
            self.quarantined,
            self.skipped,
            faults,
            self.totals,
        )


@dataclass(frozen=True)
class OtlpForm:
    """How the engine is given one kind of OTLP request."""

    table: str
    message: str
    statement: str

    def schema(self) -> dict[str, str]:
        """The settings that tell the engine how to read the bytes."""
        return {
            "format_schema_source": "string",
            "format_schema_message_name": self.message,
            "format_schema": PROTO.read_text(encoding="utf-8"),
        }


OTLP_FORMS: Mapping[str, OtlpForm] = {
    OTLP_LOGS: OtlpForm("landing_logs", "LogsGroup", "land_logs"),
    OTLP_TRACES: OtlpForm("landing_spans", "SpansGroup", "land_spans"),
}
NOTHING = Outcome(0, 0, 0, 0, 0, 0, (), (), {})


class Admission:
    """The statements of a commit, on the store they work on."""

    def __init__(self, store: Store, engine_bytes_min: int) -> None:
        self._store = store
        self._engine_bytes_min = engine_bytes_min

    def stage(self, kept: Sequence[Kept], lost: Lost) -> list[Outcome]:
        """Land, decode and judge; nothing of it outlives this process. Raises StoreRefused for a
        corrupt body.
        """
        self.clear()
        for part in parts(kept):
            self._store.insert("landing", LANDING_COLUMNS, [one.row(seq) for seq, one in part])
        self._judge(kept)
        self._store.command(SQL["find_fresh"], {"lost_from": lost.first, "lost_to": lost.last})
        found = {row["seq"]: _outcome(row) for row in self._store.rows(SQL["summarize"])}
        return [found.get(seq, NOTHING) for seq in range(len(kept))]

    def clear(self) -> None:
        """Empty the bench."""
        for statement in SQL.statements("clear_bench"):
            self._store.command(statement)

    def _judge(self, kept: Sequence[Kept]) -> None:
        if sum(one.given.size for one in kept) < self._engine_bytes_min:
            try:
                self._store.insert("staged", JUDGED_COLUMNS, judged_rows(kept))
                return
            except BadInput:
                # The engine reads some protobuf that the library refuses, and says whose fault it
                # is.
                pass
        protocols = {one.given.protocol for one in kept}
        for protocol, form in OTLP_FORMS.items():
            if protocol in protocols:
                for part in parts(kept):
                    group = otlp_group(part, protocol)
                    self._store.insert_raw(
                        form.table, group, "ProtobufSingle", settings=form.schema()
                    )
                self._store.command(SQL[form.statement], settings=BENCH)
        if protocols - set(OTLP_FORMS):
            self._store.command(SQL["land_ndjson"], settings=BENCH)
        self._store.command(SQL["stage"], CONTRACT, settings=BENCH)

    def keep_deliveries(self) -> None:
        """Write the landed bytes for good: the commit point."""
        self._store.command(SQL["keep_deliveries"])

    def store_staged(self, batch: int, admitted_at: datetime, *, quarantined: bool) -> None:
        """Write the new events and the quarantined records of the bench."""
        params = {"batch": batch, "admitted_at": admitted_at}
        self._store.command(SQL["store_events"], params, settings=WIDE)
        if quarantined:
            self._store.command(SQL["store_quarantine"], params)

    def restore_derived(self, batch: int, admitted_at: datetime) -> None:
        """Write again what is derived from events that a lost batch did store."""
        params = {"batch": batch, "admitted_at": admitted_at}
        for statement in SQL.statements("restore_derived"):
            self._store.command(statement, params, settings=WIDE)

    def close(self, receipts: Sequence[Receipt], batch: int, at: datetime) -> None:
        """Write the counts of each delivery."""
        columns = ["delivery", "batch", "closed_at", *NAMES, "totals"]
        self._store.insert(
            "delivery_closings",
            columns,
            [
                [one.delivery, batch, at, *one.counts().values(), dict(one.totals)]
                for one in receipts
            ],
        )

    def finish(self, batch: int, at: datetime, rows: int) -> None:
        """Say that the batch is whole; from here on lineage sees it."""
        self._store.insert("batches", ["batch", "admitted_at", "rows"], [[batch, at, rows]])


def parts(kept: Sequence[Kept]) -> list[list[tuple[int, Kept]]]:
    """Split a large group, each delivery with its place: the engine works on one stream for each
    insert into the bench, so a group landed at once would keep one core busy only.
    """
    placed = list(enumerate(kept))
    wanted = min(LANDING_PARTS, len(placed), sum(one.given.size for one in kept) // PART_BYTES_MIN)
    if wanted < 2:
        return [placed]
    share = sum(one.given.size for one in kept) / wanted
    made: list[list[tuple[int, Kept]]] = [[]]
    size = 0
    for seq, one in placed:
        if made[-1] and size >= share * len(made):
            made.append([])
        made[-1].append((seq, one))
        size += one.given.size
    return made


def otlp_group(kept: Sequence[tuple[int, Kept]], protocol: str) -> bytes:
    """Lay requests side by side unparsed, each with its place: this is what makes them
    one commit.
    """
    made = []
    for seq, one in kept:
        if one.given.protocol == protocol:
            body = one.given.body if one.given.payload is None else one.given.payload
            made.append(field(1, b"\x08" + varint(seq) + field(2, body)))
    return b"".join(made)


def field(number: int, content: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(content)) + content


def varint(value: int) -> bytes:
    made = bytearray()
    while value > 127:
        made.append(value & 127 | 128)
        value >>= 7
    made.append(value)
    return bytes(made)


NAMES = ("received", "stored", "duplicates", "quarantined", "skipped")


def _outcome(row: Mapping[str, Any]) -> Outcome:
    return Outcome(
        received=row["received"],
        stored=row["stored"],
        duplicates=row["duplicates"],
        quarantined=row["quarantined"],
        skipped=row["skipped_records"],
        readable=row["readable"],
        sources=tuple(row["sources"]),
        faults=tuple(tuple(fault) for fault in row["faults"]),
        totals=dict(row["totals"]),
    )
