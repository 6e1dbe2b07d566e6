"""READ DOOR of the collector for the floors above: deliveries, quarantine, sources, files. Never
writes.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from collector.mapped_again import wanted_of, why_unmapped
from collector.registry import Registry
from core.clock import SystemClock
from core.event import REASON_TEXTS, Reason
from core.store import SqlFolder, Store

SQL = SqlFolder(__file__)
ROWS_MAX = 10_000

Rows = list[dict[str, Any]]


class CollectorReader:
    """Questions about what was received; each answer is bounded by `limit`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def deliveries(self, *, source: str = "", limit: int = 100) -> Rows:
        """The newest deliveries with their counts."""
        return self._ask("read_newest_deliveries", {"source": source, "limit": limit})

    def hours(self, since: datetime) -> Rows:
        """What was received and what became of it, by source of the records and hour of receipt."""
        return self._ask("read_hours", {"since": since, "limit": ROWS_MAX})

    def totals(self) -> dict[str, Any]:
        """The counts of all deliveries together, and whether they balance."""
        return self._ask("read_totals", {})[0]

    def unbalanced(self, since: datetime, *, batches_max: int) -> Rows:
        """Where records are unaccounted for, by source and hour, among the commits since then, so
        many at the most; no row is what must be.
        """
        bounds = {"since": since, "batches_max": batches_max}
        window = self._ask("identity_window", bounds)[0]
        return self._ask("read_unbalanced", window | {"limit": ROWS_MAX})

    def quarantine(self, *, source: str = "", reason: str = "", limit: int = 100) -> Rows:
        """The newest records that wait in quarantine, each with a sentence on its reason."""
        rows = self._ask("read_quarantine", {"source": source, "reason": reason, "limit": limit})
        return [row | {"meaning": REASON_TEXTS[row["reason"]]} for row in rows]

    def quarantined(self, delivery: str, record: int) -> dict[str, Any] | None:
        """One quarantined record with its bytes, None when there is no such."""
        rows = self._ask("read_quarantined", {"delivery": delivery, "record": record})
        return rows[0] | {"meaning": REASON_TEXTS[rows[0]["reason"]]} if rows else None

    def refusal(self, row: Mapping[str, Any], record: int) -> dict[str, str]:
        """Of a row of `v_quarantine`, that of a record: `why` its mapping made no event of it,
        where it was that, and what is `wanted` of the field. The kept bytes are mapped again.
        """
        registry = Registry(self._store, SystemClock())
        reason, version = str(row["reason"]), int(row["mapping_version"])
        why = ""
        if reason == Reason.UNMAPPED:
            why = why_unmapped(registry, str(row["delivery"]), record)
        return {
            "why": why,
            "wanted": wanted_of(registry, row["mapping"], version, reason, row["field"]),
        }

    def sources(self) -> Rows:
        """Who is registered, with the events and the last receipt of each."""
        return self._ask("read_sources", {})

    def files(self, *, limit: int = 100) -> Rows:
        """The imported files, newest first, with their control totals."""
        return self._ask("read_files", {"limit": limit})

    def _ask(self, name: str, params: dict[str, Any]) -> Rows:
        return self._store.rows(SQL[name], params, readonly=True)
