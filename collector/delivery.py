"""A delivery: the bytes of one request or of one part of a file, and what became of it."""

import hashlib
import secrets
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

# What the engine decodes by itself; every other protocol is turned into event lines before.
LINES = "ndjson"
OTLP_LOGS = "otlp_logs"
OTLP_TRACES = "otlp_traces"
# Payloads of a source, in its own shape: its mapping makes event lines of them.
PAYLOAD = "payload"


@dataclass(frozen=True)
class Delivery:
    """Bytes as received (content encoding undone) with what is known of them.

    `payload` is what the engine is given when it cannot read the body itself: event lines made of a
    JSON array or of a file's rows, protobuf made of OTLP JSON. `numbers` are the places of those
    lines in the file.
    """

    body: bytes
    protocol: str = LINES
    source: str = ""
    content_type: str = ""
    content_encoding: str = ""
    mapping: str = "native"
    mapping_version: int = 1
    file: str = ""
    file_sha256: str = ""
    file_line: int = 0
    payload: bytes | None = None
    numbers: Sequence[int] = ()
    # The sha256 of what came, where its source's redaction has changed it before it was kept.
    original_sha256: str = ""
    # The delivery whose records are made again, where this is a replay of it.
    replays: str = ""

    @property
    def size(self) -> int:
        """Bytes that this delivery holds in memory."""
        return len(self.body) + len(self.payload or b"")


@dataclass(frozen=True)
class Kept:
    """A delivery with its id, its batch and its time: what stands in the table."""

    id: str
    batch: int
    received_at: datetime
    given: Delivery

    def row(self, seq: int) -> list[object]:
        """The row of the landing table, in the order of `LANDING_COLUMNS`."""
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
            hashlib.sha256(given.body).digest(),
            len(given.body),
            given.body,
            int(prepared),
            (given.payload or b"") if prepared else b"",
            list(given.numbers),
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
)


@dataclass(frozen=True)
class Receipt:
    """What became of a delivery; received = stored + duplicates + quarantined + skipped, always."""

    delivery: str
    received: int
    stored: int
    duplicates: int
    quarantined: int
    skipped: int
    faults: tuple[Mapping[str, object], ...] = ()
    totals: Mapping[str, Decimal] = field(default_factory=dict)

    def counts(self) -> dict[str, int]:
        """The five counts, as they are answered."""
        return {
            "received": self.received,
            "stored": self.stored,
            "duplicates": self.duplicates,
            "quarantined": self.quarantined,
            "skipped": self.skipped,
        }


class DeliveryIds:
    """Makes ids that grow with time and never repeat, also when the machine's clock jumps back.

    An id is 12 hex digits of milliseconds, 8 of a counter within them, 12 of chance.
    """

    def __init__(self, last: str = "") -> None:
        self._lock = threading.Lock()
        self._prefix = int(last[:20], 16) if last else 0

    def next(self, now: datetime) -> str:
        """Return an id behind every earlier one."""
        with self._lock:
            self._prefix = max(self._prefix + 1, int(now.timestamp() * 1000) << 32)
            return f"{self._prefix:020x}{secrets.token_hex(6)}"
