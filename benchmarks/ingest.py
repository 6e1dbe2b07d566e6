"""Targets: durable ingest through the writer and through HTTP (DESIGN section 10).

The baseline is the engine itself: it inserts the same rows, as flat JSONEachRow, into a table of
the same columns and order, in the same run. Everything else ends in durable deliveries and visible
events.
"""

import http.client
import json
import socket
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from rich.console import Console
from rich.table import Table

from collector.app import create_app
from collector.delivery import Delivery, Receipt
from collector.writer import Writer
from core.clock import SystemClock
from core.settings import Settings
from core.store import SqlFolder, Store

SQL = SqlFolder(__file__)
SECONDS_A_DAY = 86_400
BEGIN = 1_782_864_000
NDJSON, PROTOBUF = "application/x-ndjson", "application/x-protobuf"
SMALL_SENDERS, SMALL_SHARE = 64, 200


def run(events: int, console: Console) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        table = Table("what", "events/s", "ratio to the engine's insert", "p50 ms", "p99 ms")
        table.title = f"ingest, {events:,} events"
        engine = _engine_inserts(Path(folder) / "engine", events)
        table.add_row("the engine inserts the same rows (JSONEachRow)", f"{engine:,.0f}", "1.000")
        for size, parts in ((10_000, 1), (100_000, 4)):
            rate = _writer_commits(Path(folder) / f"writer{size}", events, size, parts)
            name = f"writer, commits of {size:,}"
            table.add_row(name, f"{rate:,.0f}", f"{rate / engine:.3f}")
        with _listening(Path(folder) / "http") as (port, store):
            for name, senders, bodies, path, kind in _loads(events):
                rate, took = _send(port, senders, bodies, path, kind)
                ends = (_quantile(took, 0.5), _quantile(took, 0.99))
                table.add_row(name, f"{rate:,.0f}", f"{rate / engine:.3f}", *ends)
            bytes_each = store.value(SQL["stored_bytes"]) / store.value(SQL["count_events"])
        console.print(table)
        console.print(f"events and deliveries on disk: {bytes_each:.0f} bytes an event")


Load = tuple[str, int, list[tuple[int, bytes]], str, str]


def _loads(events: int) -> Iterator[Load]:
    """The loads through HTTP; each has event ids of its own, so that nothing is a duplicate."""
    large = [(10_000, _lines("h", at, 10_000)) for at in range(0, events, 10_000)]
    yield "HTTP NDJSON, 8 senders of 10,000", 8, large, "/v1/events", NDJSON
    logs = [(1_000, _otlp("o", at, 1_000)) for at in range(0, min(events, 200_000), 1_000)]
    yield "HTTP OTLP logs, 8 senders of 1,000", 8, logs, "/v1/logs", PROTOBUF
    count = max(events // SMALL_SHARE, SMALL_SENDERS)
    small = [(1, _lines("s", at, 1)) for at in range(count)]
    name = f"HTTP NDJSON, {SMALL_SENDERS} senders of 1"
    yield name, SMALL_SENDERS, small, "/v1/events", NDJSON


def _engine_inserts(folder: Path, events: int) -> float:
    store = Store.open(f"chdb://{folder}")
    try:
        store.migrate()
        store.command(SQL["engine_table"])
        blocks = [_flat(at, 100_000) for at in range(0, events, 100_000)]
        begun = time.perf_counter()
        for block in blocks:
            store.insert_raw("engine_events", block, "JSONEachRow")
        return events / (time.perf_counter() - begun)
    finally:
        store.close()


def _writer_commits(folder: Path, events: int, size: int, parts: int) -> float:
    store = Store.open(f"chdb://{folder}")
    try:
        store.migrate()
        writer = Writer(store, SystemClock())
        writer.open()
        share = size // parts
        commits = [
            [Delivery(_lines("w", at + part * share, share)) for part in range(parts)]
            for at in range(0, events, size)
        ]
        begun = time.perf_counter()
        stored = 0
        for commit in commits:
            answers = writer.commit(commit)
            stored += sum(one.stored for one in answers if isinstance(one, Receipt))
        rate = stored / (time.perf_counter() - begun)
        _check(stored == len(commits) * size, f"{stored} stored")
        return rate
    finally:
        store.close()


@contextmanager
def _listening(folder: Path) -> Iterator[tuple[int, Store]]:
    store = Store.open(f"chdb://{folder}")
    store.migrate()
    settings = Settings()
    writer = Writer(store, SystemClock(), settings.collector)
    writer.open()
    server = uvicorn.Server(uvicorn.Config(create_app(writer, settings), log_level="error"))
    opened = socket.create_server(("127.0.0.1", 0), backlog=256)
    thread = threading.Thread(target=server.run, args=([opened],), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield opened.getsockname()[1], store
    finally:
        server.should_exit = True
        thread.join()
        opened.close()
        store.close()


def _send(
    port: int, senders: int, bodies: Sequence[tuple[int, bytes]], path: str, kind: str
) -> tuple[float, list[float]]:
    """Send the bodies from several threads, each on a connection of its own; returns the
    rate and each answer's time.
    """
    left = iter(list(bodies))
    took: list[float] = []
    lock = threading.Lock()

    def send() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
        while True:
            with lock:
                following = next(left, None)
            if following is None:
                connection.close()
                return
            begun = time.perf_counter()
            connection.request("POST", path, following[1], {"content-type": kind})
            answer = connection.getresponse()
            answer.read()
            _check(answer.status == 200, f"answered {answer.status}")
            took.append(time.perf_counter() - begun)

    threads = [threading.Thread(target=send) for _ in range(senders)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    _check(len(took) == len(bodies), f"{len(took)} of {len(bodies)} requests answered")
    return sum(count for count, _ in bodies) / (time.perf_counter() - begun), took


def _event(prefix: str, number: int) -> dict[str, Any]:
    """An event like those of a billing integration; the quarter's days one after the other."""
    day = time.strftime("%Y-%m-%d", time.gmtime(BEGIN + number // 20_000 % 90 * SECONDS_A_DAY))
    return {
        "event_id": f"{prefix}{number:09d}",
        "occurred_at": f"{day}T12:00:{number % 60:02d}.{number % 1_000_000:06d}Z",
        "source": "netsuite-us",
        "object": {"type": "invoice", "id": f"INV-{number // 3}"},
        "action": "posted",
        "correlation_id": f"c{number // 9:08d}",
        "links": [{"type": "billing_event", "id": f"BE-{number}", "relation": "from"}],
        "context": {"contract": f"C-{number % 500}", "legal_entity": "US01", "period": "2026-09"},
        "money": {"amount": f"{number % 1000}.25", "currency": "USD"},
    }


def _lines(prefix: str, start: int, count: int) -> bytes:
    return "\n".join(
        json.dumps(_event(prefix, number)) for number in range(start, start + count)
    ).encode()


def _flat(start: int, count: int) -> bytes:
    """The same events as rows of the table of events."""
    return "\n".join(
        json.dumps(_row(_event("e", number))) for number in range(start, start + count)
    ).encode()


def _row(event: dict[str, Any]) -> dict[str, Any]:
    links = event["links"]
    return {
        "object_hash": hash(event["object"]["id"]) & (2**64 - 1),
        "object_type": event["object"]["type"],
        "object_id": event["object"]["id"],
        "occurred_at": event["occurred_at"].replace("T", " ").removesuffix("Z"),
        "received_at": "2026-09-30 12:00:00.000000",
        "admitted_at": "2026-09-30 12:00:00.000000",
        "batch": 1,
        "source": event["source"],
        "event_id": event["event_id"],
        "content_hash": f"{hash(event['event_id']) & (2**64 - 1):016x}",
        "delivery": "01a2094e93950000000073b16ef0f8c6",
        "mapping": "native",
        "mapping_version": 1,
        "action": event["action"],
        "outcome": "ok",
        "correlation_id": event["correlation_id"],
        "attempt": 1,
        "link_types": [link["type"] for link in links],
        "link_ids": [link["id"] for link in links],
        "link_relations": [link["relation"] for link in links],
        "link_amounts": [None for _ in links],
        **event["context"],
        "amount": event["money"]["amount"],
        "currency": event["money"]["currency"],
    }


def _otlp(prefix: str, start: int, count: int) -> bytes:
    request = ExportLogsServiceRequest()
    held = request.resource_logs.add()
    service = held.resource.attributes.add()
    service.key, service.value.string_value = "service.name", "mulesoft"
    scope = held.scope_logs.add()
    for number in range(start, start + count):
        record = scope.log_records.add(time_unix_nano=(BEGIN * 1_000_000 + number) * 1_000)
        for name, text in {
            "revtrace.event_id": f"{prefix}{number}",
            "revtrace.object.type": "invoice",
            "revtrace.object.id": f"INV-{number // 3}",
            "revtrace.action": "mapped",
            "revtrace.correlation_id": f"c{number // 9:08d}",
            "revtrace.money.amount": "10.25",
            "revtrace.money.currency": "USD",
        }.items():
            pair = record.attributes.add()
            pair.key, pair.value.string_value = name, text
    return request.SerializeToString()


def _quantile(took: Sequence[float], share: float) -> str:
    ordered = sorted(took)
    return f"{ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000:.0f}"


def _check(holds: bool, told: str) -> None:
    if not holds:
        raise RuntimeError(f"the benchmark does not measure what it should: {told}")
