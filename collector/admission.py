"""Admission of landed deliveries by the engine: decode, judge, find duplicates, store. Values in,
counts out.

The order of a commit is the writer's business; this class runs the statements of one step each.
"""

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
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
from collector.judge import EPOCH, judged_rows
from collector.lean import STRICT, Marks, mark
from core.errors import BadInput, StoreRefused, StoreUnavailable
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

LOG = logging.getLogger("revtrace.collector")
SQL = SqlFolder(__file__)
FOLDER = Path(__file__).parent / "sql"

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
LANDING_PARTS = 4
PART_BYTES_MIN = 512 * 1024


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
    reasons: Mapping[str, int]

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
            self.reasons,
        )


@dataclass(frozen=True)
class OtlpForm:
    """How the engine is given one kind of OTLP request."""

    name: str
    message: str

    def schema(self, proto: str) -> dict[str, str]:
        """The settings that tell the engine how to read the bytes."""
        return {
            "format_schema_source": "string",
            "format_schema_message_name": self.message,
            "format_schema": (FOLDER / f"{proto}.proto").read_text(encoding="utf-8"),
        }


OTLP_FORMS: Mapping[str, OtlpForm] = {
    OTLP_LOGS: OtlpForm("logs", "LogsGroup"),
    OTLP_TRACES: OtlpForm("spans", "SpansGroup"),
}
# What of a landed delivery is kept: the rest serves judging only.
LANDED_ONLY = ("seq", "prepared", "lines", "numbers")
KEPT_COLUMNS = tuple(name for name in LANDING_COLUMNS if name not in LANDED_ONLY)
KEPT_PLACES = tuple(LANDING_COLUMNS.index(name) for name in KEPT_COLUMNS)
NOTHING = Outcome(0, 0, 0, 0, 0, 0, (), (), {}, {})


@dataclass(frozen=True)
class Bench:
    """The tables that hold one judged group until it is written."""

    staged: str
    repeated: str

    def params(self) -> dict[str, str]:
        """Its names, for the statements."""
        return {"staged": self.staged, "repeated": self.repeated}


# Two, so that one group is judged while the one before it is written.
BENCHES = (Bench("staged", "repeated"), Bench("staged_other", "repeated_other"))


class Admission:
    """The statements of a commit, on the store they work on."""

    def __init__(self, store: Store, engine_bytes_min: int) -> None:
        self._store = store
        self._engine_bytes_min = engine_bytes_min
        # The deliveries whose bodies are on the landing table.
        self._landed: list[str] = []
        self._marks = Marks()

    def judge(self, kept: Sequence[Kept], bench: Bench) -> None:
        """Land, decode and judge, whatever is known; raises StoreRefused for a corrupt body."""
        self.clear_landing()
        self.clear(bench)
        self._judge(kept, bench)

    def compare(self, kept: Sequence[Kept], lost: Lost, bench: Bench) -> list[Outcome]:
        """Find out which of the judged records are new; all earlier events MUST be written."""
        params = {"lost_from": lost.first, "lost_to": lost.last, **bench.params()}
        if lost.first <= lost.last or self._store.value(SQL["count_repeated"], bench.params()):
            self._store.command(SQL["find_repeated"], params)
        rows = self._store.rows(SQL["summarize"], bench.params())
        found = {row["seq"]: _outcome(row) for row in rows}
        return [found.get(seq, NOTHING) for seq in range(len(kept))]

    def clear_landing(self) -> None:
        """Empty what was landed: memory that nobody needs once it is judged and kept."""
        self._landed = []
        for statement in SQL.statements("clear_landing"):
            self._store.command(statement)

    def clear(self, bench: Bench) -> None:
        """Empty a bench."""
        for statement in SQL.statements("clear_bench"):
            self._store.command(statement, bench.params())

    def place(self, rows: Sequence[list[Any]], bench: Bench) -> None:
        """Lay rows on a bench that were judged and compared by the model; admitted ones are
        new.
        """
        self.clear(bench)
        self._store.insert(bench.staged, JUDGED_COLUMNS, rows)

    def land(self, kept: Sequence[Kept], *, bodies: bool = True) -> None:
        """Lay deliveries on the bench, to be kept from there or to be looked up by their place."""
        for part in parts(kept):
            self._store.insert(
                "landing", LANDING_COLUMNS, [one.row(seq, body=bodies) for seq, one in part]
            )
        self._landed = [one.id for one in kept] if bodies else []

    def _judge(self, kept: Sequence[Kept], bench: Bench) -> None:
        if sum(one.given.size for one in kept) < self._engine_bytes_min:
            try:
                self._store.insert(bench.staged, JUDGED_COLUMNS, judged_rows(kept))
                return
            except BadInput:
                # The engine reads some protobuf that the library refuses, and says whose fault it
                # is.
                pass
        protocols = {one.given.protocol for one in kept}
        lines, odd = bool(protocols - set(OTLP_FORMS)), False
        params = {**CONTRACT, "staged": bench.staged}
        if lines and not self._judge_lean(kept, bench):
            self._store.command(SQL["stage_ndjson"], params)
        for protocol in protocols & set(OTLP_FORMS):
            odd |= self._judge_otlp(kept, protocol, bench)
        if odd and not lines:
            self.land(kept, bodies=False)
        if odd:
            self._store.command(SQL["stage_lines"], params)

    def _judge_lean(self, kept: Sequence[Kept], bench: Bench) -> bool:
        """Land a group and stage its plain lines; says whether these were all."""
        lean = mark(self._marks, parts(kept))
        marked = [partial(self._read_lean, part) for part in lean.parts] if lean else []
        self._store.together(partial(self.land, kept), *marked)
        if lean is None:
            return False
        told = {"firsts": lean.firsts, "begin": lean.begin, "end": lean.end}
        params = {**CONTRACT, "staged": bench.staged, **told}
        self._store.command(SQL["stage_plain_lines"], params)
        staged = self._store.rows(SQL["count_staged"], bench.params())[0]
        if staged["rows"] != staged["lines"]:
            # A line that gave two rows is none of ours: nothing of what was read so is taken.
            LOG.error("%(rows)d events were read in %(lines)d lines: all are judged anew", staged)
            self.clear(bench)
            return False
        return lean.whole and staged["lines"] == lean.lines

    def _read_lean(self, part: bytes) -> None:
        """Have the engine read marked lines. What it refuses has too much that is unusual: all of
        it goes the other way.
        """
        with suppress(StoreRefused):
            self._store.insert_raw("landing_lean_lines", part, "JSONEachRow", settings=STRICT)

    def _judge_otlp(self, kept: Sequence[Kept], protocol: str, bench: Bench) -> bool:
        """Stage the plain records; says whether there are others, which are lines now."""
        form = OTLP_FORMS[protocol]
        table, schema = f"landing_lean_{form.name}", form.schema("otlp_lean")

        def read(part: Sequence[tuple[int, Kept]]) -> None:
            group = otlp_group(part, protocol)
            self._store.insert_raw(table, group, "ProtobufSingle", settings=schema)

        self._store.together(*(partial(read, part) for part in parts(kept)))
        params = {**CONTRACT, "staged": bench.staged}
        self._store.command(SQL[f"stage_{form.name}"], params)
        odd = self._store.rows(SQL[f"find_odd_{form.name}"], {"staged": bench.staged})
        if not odd:
            return False
        group = otlp_group([(row["seq"], kept[row["seq"]]) for row in odd], protocol)
        table, schema = f"landing_{form.name}", form.schema("otlp")
        self._store.insert_raw(table, group, "ProtobufSingle", settings=schema)
        self._store.command(SQL[f"land_{form.name}"], {"staged": bench.staged})
        return True

    def keep(self, kept: Sequence[Kept]) -> None:
        """Write the bytes of deliveries for good: the commit point."""
        if self._landed == [one.id for one in kept]:
            # They are in the engine already.
            landed = int(self._store.value(SQL["count_landed"]))
            if landed != len(kept):
                raise StoreUnavailable(
                    f"{landed} of {len(kept)} deliveries are on the landing table",
                    "somebody else has emptied or filled it",
                    "Send them again; let one collector only admit into a warehouse",
                )
            self._store.command(SQL["keep_deliveries"])
            return
        rows = [[row[place] for place in KEPT_PLACES] for row in (one.row(0) for one in kept)]
        self._store.insert("deliveries", KEPT_COLUMNS, rows)

    def store_staged(
        self, bench: Bench, batch: int, admitted_at: datetime, *, quarantined: bool
    ) -> None:
        """Write the new events and the quarantined records of a bench."""
        params = {"batch": batch, "admitted_at": admitted_at, **bench.params()}
        self._store.command(SQL["store_events"], params)
        if quarantined:
            self._store.command(SQL["store_quarantine"], params)

    def restore_derived(self, bench: Bench, batch: int, admitted_at: datetime) -> None:
        """Write again what is derived from events that a lost batch did store."""
        params = {"batch": batch, "admitted_at": admitted_at, **bench.params()}
        for statement in SQL.statements("restore_derived"):
            self._store.command(statement, params)

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
            given = one.given
            received_at = (one.received_at - EPOCH) // timedelta(microseconds=1)
            told = (
                field(2, given.body if given.payload is None else given.payload),
                field(3, one.id.encode()),
                b"\x20" + varint(received_at),
                field(5, given.source.encode()),
                field(6, given.mapping.encode()),
                b"\x38" + varint(given.mapping_version),
                *(field(8, source.encode()) for source in given.allowed_sources),
            )
            made.append(field(1, b"\x08" + varint(seq) + b"".join(told)))
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
        reasons=dict(row["reasons"]),
    )
