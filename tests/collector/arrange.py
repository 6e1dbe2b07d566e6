"""What the tests of the collector arrange: writers, deliveries, an event to begin from."""

import json
from typing import Any

from collector.delivery import Delivery, Receipt
from collector.writer import Answer, Writer
from core.clock import Clock
from core.settings import CollectorSettings
from core.store import Store

EVENT: dict[str, Any] = {
    "event_id": "e1",
    "occurred_at": "2026-09-30T10:00:00Z",
    "source": "netsuite-us",
    "object": {"type": "invoice", "id": "INV-1"},
    "action": "posted",
}
BY_MODEL = 10**9
BY_ENGINE = 0


def event(**changed: Any) -> dict[str, Any]:
    """A good event with some fields set."""
    return {**EVENT, **changed}


def body(*records: Any) -> bytes:
    """Records as NDJSON; what is a text already stands as it is."""
    return "\n".join(one if isinstance(one, str) else json.dumps(one) for one in records).encode()


def make_writer(store: Store, clock: Clock, engine_bytes_min: int = BY_MODEL) -> Writer:
    """An opened writer whose commits are judged by the model, or by the engine."""
    writer = Writer(store, clock, CollectorSettings(engine_bytes_min=engine_bytes_min))
    writer.open()
    return writer


def commit(writer: Writer, *bodies: bytes, **given: Any) -> list[Answer]:
    """Commit bodies as one group."""
    return writer.commit([Delivery(one, **given) for one in bodies])


def receipt(writer: Writer, one: bytes, **given: Any) -> Receipt:
    """Commit one body and return its receipt."""
    answer = commit(writer, one, **given)[0]
    assert isinstance(answer, Receipt), answer
    return answer


def counts(answer: Answer) -> tuple[int, ...]:
    """received, stored, duplicates, quarantined, skipped."""
    assert isinstance(answer, Receipt), answer
    return tuple(answer.counts().values())


def stored(store: Store, columns: str = "source, event_id") -> list[tuple[Any, ...]]:
    """The events, by the columns asked for."""
    rows = store.rows(f"SELECT {columns} FROM events ORDER BY {columns}")
    return [tuple(row.values()) for row in rows]
