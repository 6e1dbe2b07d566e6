"""A delivery: the bytes of one request or of one part of a file, and what became of it."""

import hashlib
import secrets
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from core.wanted import wanted

# What the engine decodes by itself; every other protocol is turned into event lines before.
LINES = "ndjson"
OTLP_LOGS = "otlp_logs"
OTLP_TRACES = "otlp_traces"
# What the files of `forms/` turn into event lines.
JSON = "json"
CLOUDEVENTS = "cloudevents"
CSV = "csv"
ROWS = "rows"
# Of these each row is one record, whatever its mapping says.
ROW_PROTOCOLS = (CSV, ROWS)
OCEL = "ocel"
NO_REQUEST = "no_request"
# Payloads of a source, in its own shape: its mapping makes event lines of them.
PAYLOAD = "payload"
# The mapping of what is an event already.
NATIVE = "native"
# Stands before what is no record in the event lines that the engine is given: it keeps a rest that
# happens to be valid JSON from passing for a record.
NO_RECORD = b"unreadable: "


@dataclass(frozen=True)
class Delivery:
    """Bytes as received (content encoding undone) with what is known of them.

    `payload` is what the engine is given when it cannot read the body itself: event lines made of a
    JSON array or of a file's rows, protobuf made of OTLP JSON. `numbers` are the places of those
    lines in the file. A CloudEvent in binary mode is kept in its structured form, since its headers
    are part of it, and `content_type` says so. `token` is who sent it, `allowed_sources` the
    sources its records may be of; none: of any. `id` and `received_at` are given when it is taken,
    else at its commit. One that is `spooled` was answered already: it may be in the table, and is
    never refused.
    """

    body: bytes
    protocol: str = LINES
    source: str = ""
    content_type: str = ""
    content_encoding: str = ""
    mapping: str = NATIVE
    mapping_version: int = 1
    file: str = ""
    file_sha256: str = ""
    file_line: int = 0
    payload: bytes | None = None
    numbers: Sequence[int] = ()
    token: str = ""
    allowed_sources: tuple[str, ...] = ()
    id: str = ""
    received_at: datetime | None = None
    spooled: bool = False
    # The sha256 of what came, where its source's redaction has changed it before it was kept.
    original_sha256: str = ""
    # The delivery whose records are made again, where this is a replay of it.
    replays: str = ""

    @property
    def size(self) -> int:
        """Bytes that this delivery holds in memory."""
        return len(self.body) + len(self.payload or b"")

    @cached_property
    def sha256(self) -> bytes:
        """The hash of the body, made once: the journal and the table both keep it."""
        return hashlib.sha256(self.body).digest()


@dataclass(frozen=True)
class Kept:
    """A delivery with its id, its batch and its time: what stands in the table."""

    id: str
    batch: int
    received_at: datetime
    given: Delivery

    def row(self, seq: int, *, body: bool = True) -> list[object]:
        """The row of the landing table, in the order of `LANDING_COLUMNS`; without its body where
        that is not wanted.
        """
        given = self.given
        prepared = given.payload is not None and given.protocol not in (OTLP_LOGS, OTLP_TRACES)
        return [
            seq,
            self.id,
            self.batch,
            self.received_at,
            given.source,
            given.protocol,
            given.content_type,
            given.content_encoding,
            given.mapping,
            given.mapping_version,
            given.file,
            given.file_sha256,
            given.file_line,
            given.sha256 if body else bytes(32),
            len(given.body),
            given.body if body else b"",
            int(prepared),
            (given.payload or b"") if prepared else b"",
            list(given.numbers),
            given.token,
            list(given.allowed_sources),
        ]


LANDING_COLUMNS = (
    "seq",
    "delivery",
    "batch",
    "received_at",
    "source",
    "protocol",
    "content_type",
    "content_encoding",
    "mapping",
    "mapping_version",
    "file",
    "file_sha256",
    "file_line",
    "sha256",
    "bytes",
    "body",
    "prepared",
    "lines",
    "numbers",
    "token",
    "allowed_sources",
)


# Why a record is in quarantine: line, reason, field.
Fault = Mapping[str, object]


@dataclass(frozen=True)
class Receipt:
    """What became of a delivery; received = stored + duplicates + quarantined + skipped, always.

    One that is not `counted` is durable, and its counts are known later; its `faults` are those
    that were seen by then.
    """

    delivery: str
    received: int
    stored: int
    duplicates: int
    quarantined: int
    skipped: int
    faults: tuple[Fault, ...] = ()
    totals: Mapping[str, Decimal] = field(default_factory=dict)
    reasons: Mapping[str, int] = field(default_factory=dict)
    counted: bool = True

    def counts(self) -> dict[str, int]:
        """The five counts, as they are answered."""
        return {
            "received": self.received,
            "stored": self.stored,
            "duplicates": self.duplicates,
            "quarantined": self.quarantined,
            "skipped": self.skipped,
        }

    def answer(self) -> dict[str, Any]:
        """What its sender is told; the first faults show at once what to mend."""
        told: dict[str, Any] = {"delivery": self.delivery, **self.counts()}
        faults = [_mendable(fault) for fault in self.faults]
        return told | {"faults": faults} if faults else told


def _mendable(fault: Fault) -> Fault:
    """A fault, with what is wanted of its field where that can be said."""
    told = wanted(str(fault["reason"]), str(fault["field"]))
    return {**fault, "wanted": told} if told else fault


@dataclass(frozen=True)
class Spooled(Receipt):
    """A delivery that is durable in the spool and not in the warehouse yet: its records are
    pending.

    `received` is 0 and `counted` False where only the engine can tell how many records it has.
    """

    def counts(self) -> dict[str, int]:
        """The records that wait; none where nobody knows yet how many there are."""
        return {"received": self.received, "pending": self.received} if self.counted else {}

    def answer(self) -> dict[str, Any]:
        """What its sender is told: null stands for a number that is not known yet."""
        unknown = {"received": None, "pending": None}
        return {"delivery": self.delivery, **(self.counts() or unknown)}


# So many ids get their chance from the system at once.
CHANCES = 64


class DeliveryIds:
    """Makes ids that grow with time and never repeat, also when the machine's clock jumps back.

    An id is 12 hex digits of milliseconds, 8 of a counter within them, 12 of chance.
    """

    def __init__(self, last: str = "") -> None:
        self._lock = threading.Lock()
        self._prefix = int(last[:20], 16) if last else 0
        self._chance = ""

    def behind(self, last: str) -> None:
        """Make ids behind this one too."""
        with self._lock:
            self._prefix = max(self._prefix, int(last[:20], 16) if last else 0)

    def next(self, now: datetime) -> str:
        """Return an id behind every earlier one."""
        with self._lock:
            self._prefix = max(self._prefix + 1, int(now.timestamp() * 1000) << 32)
            # Taken from the system for many ids at once, since asking lets go of the interpreter.
            self._chance = self._chance or secrets.token_hex(6 * CHANCES)
            chance, self._chance = self._chance[:12], self._chance[12:]
            return f"{self._prefix:020x}{chance}"
