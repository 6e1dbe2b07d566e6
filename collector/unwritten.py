"""What is durable and answered and waits to be written: of many small commits, or of OpenTelemetry
requests that are judged together.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from opentelemetry.trace import SpanContext

from collector.delivery import Delivery, Kept, Receipt
from collector.measures import present_span
from collector.seen import Identity
from collector.small import SEQ, Judged

# A judged row is about that many times as large in memory as the bytes it came from.
ROW_WEIGHT = 8


@dataclass
class Unwritten:
    """Deliveries of one batch; either `rows` that are judged, or `late` ones that are not yet."""

    batch: int
    since: float = field(default_factory=time.monotonic)
    rows: list[list[Any]] = field(default_factory=list)
    sources: set[str] = field(default_factory=set)
    receipts: list[Receipt] = field(default_factory=list)
    late: list[Kept] = field(default_factory=list)
    # Those that are durable in the journal and not in the warehouse yet.
    in_journal: list[Kept] = field(default_factory=list)
    bytes: int = 0
    newest: str = ""
    # The first commit of these that is traced.
    span: SpanContext | None = None

    def is_behind(self, group: Sequence[Delivery]) -> bool:
        """Say whether some of a group have older ids than what is here: they need a later batch,
        since within one a recovery goes by the ids.
        """
        return any(one.id and one.id < self.newest for one in group)

    def add_judged(
        self, kept: list[Kept], judged: Judged, receipts: list[Receipt], *, in_journal: bool
    ) -> None:
        """Add a small group; places begin behind those that are here, so that none is there
        twice.
        """
        self.bytes += ROW_WEIGHT * sum(one.given.size for one in kept)
        if in_journal:
            self.in_journal += kept
        before = len(self.receipts)
        for place, rows in enumerate(judged.rows):
            for row in rows:
                row[SEQ] = before + place
                self.rows.append(row)
        self.sources.update(name for outcome in judged.outcomes for name in outcome.sources)
        self.receipts += receipts
        self.span = self.span or present_span()
        self.newest = max([self.newest, *(one.delivery for one in receipts)])

    def add_late(self, kept: list[Kept], *, in_journal: bool) -> None:
        """Add deliveries that are judged later."""
        self.late += kept
        if in_journal:
            self.in_journal += kept
        self.span = self.span or present_span()
        self.newest = max([self.newest, *(one.id for one in kept)])
        self.bytes += sum(one.given.size for one in kept)

    def age_seconds(self) -> float:
        """How long the oldest waits."""
        return time.monotonic() - self.since


# Identities that are stored but not written: of what waits, and of what is being written.
Known = set[Identity]
