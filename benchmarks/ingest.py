"""Targets: durable ingest through HTTP and by import (DESIGN section 10).

The baseline is the engine itself: it inserts the same rows, as flat JSONEachRow, into a table of
the same columns and order with its own defaults, in the same run. Everything else ends in durable
deliveries and visible events: a rate counts until the last event is visible. The senders are
processes of their own.
"""

import cProfile
import json
import pstats
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from rich.console import Console
from rich.table import Table

from benchmarks import events as made
from benchmarks.settling import settle
from benchmarks.statements import Watched
from collector.app import create_app
from collector.delivery import Delivery, Receipt
from collector.receivers.files import import_files
from collector.writer import Journal, Writer
from core.clock import SystemClock
from core.settings import Settings
from core.store import SqlFolder, Store

SQL = SqlFolder(__file__)
# Rows of one insert of the engine and of one commit of the writer.
BLOCK_ROWS = 100_000
ROOT = Path(__file__).resolve().parents[1]
KINDS = {made.NDJSON: "application/x-ndjson", made.LOGS: "application/x-protobuf"}
KINDS[made.SPANS] = KINDS[made.LOGS]
EVENTS_A_LOAD = 10_000_000
KINDS_OF_LOADS = ("all", "big", "otlp", "small")
PATHS = {made.NDJSON: "/v1/events", made.LOGS: "/v1/logs", made.SPANS: "/v1/traces"}


@dataclass(frozen=True)
class Load:
    """What one row of the table sends."""

    name: str
    form: str
    senders: int
    records: int
    requests: int


def run(events: int, console: Console, profile: Path | None = None, loads: str = "all") -> None:
    """Measure and print; `profile` is a folder for where the time of the server goes, `loads` the
    kind of the requests: big, otlp, small, or all, with the rows that need no HTTP beside them.
    """
    with tempfile.TemporaryDirectory() as folder:
        table = Table("what", "events/s", "ratio", "requests/s", "p50 ms", "p95 ms", "p99 ms")
        table.add_column("CPU ms")
        table.add_column("sender ms")
        table.title = f"ingest, {events:,} events; ratio is to the engine's own insert of the rows"
        engine = _engine_inserts(Path(folder) / "engine", events)
        table.add_row("the engine inserts the same rows", f"{engine:,.0f}", "1.000")
        if loads == "all":
            rate = _writer_commits(Path(folder) / "writer", events, min(events, BLOCK_ROWS), 4)
            told = "writer, commits of 4 deliveries, up to 100,000"
            table.add_row(told, f"{rate:,.0f}", f"{rate / engine:.3f}")
            rate = _imports(Path(folder), events)
            table.add_row("import of an NDJSON file", f"{rate:,.0f}", f"{rate / engine:.3f}")
        with _listening(Path(folder) / "http", profile) as (port, store):
            for place, load in enumerate(_loads(events, loads)):
                console.print(f"[dim]{load.name} ...[/]")
                settle(store)
                spent = time.process_time()
                rate, answered, answer = _send(port, store, load, place)
                spent = (time.process_time() - spent) / load.requests
                table.add_row(
                    load.name,
                    f"{rate:,.0f}",
                    f"{rate / engine:.3f}",
                    f"{answered:,.0f}",
                    *(_quantile(answer["took"], share) for share in (0.5, 0.95, 0.99)),
                    f"{spent * 1000:.2f}",
                    f"{answer['cpu_seconds'] / load.requests * 1000:.2f}",
                )
            bytes_each = store.value(SQL["stored_bytes"]) / store.value(SQL["count_events"])
        console.print(table)
        console.print(
            "CPU ms: of the collector and its engine for each request, until it is visible; "
            "sender ms: what sending it takes of the same processors. A load begins when the "
            "engine has merged what the one before had written"
        )
        console.print(f"events and deliveries on disk: {bytes_each:.0f} bytes an event")


def _loads(events: int, kind: str) -> Iterator[Load]:
    """Big and small requests of 1, 8 and 64 senders, and OpenTelemetry."""
    if kind not in KINDS_OF_LOADS:
        raise ValueError(f"'{kind}' is none of {', '.join(KINDS_OF_LOADS)}")
    if kind in ("all", "big"):
        for senders in (1, 8, 64):
            name = f"NDJSON, {senders} x 10,000"
            yield Load(name, made.NDJSON, senders, 10_000, max(events // 10_000, senders))
    if kind in ("all", "otlp"):
        for form in (made.LOGS, made.SPANS):
            yield Load(f"OTLP {form}, 8 x 1,000", form, 8, 1_000, max(events // 1_000, 8))
    if kind in ("all", "small"):
        for senders, share in ((1, 5_000), (8, 500), (64, 50)):
            name = f"NDJSON, {senders} x 1"
            yield Load(name, made.NDJSON, senders, 1, max(events // share, senders))


def _engine_inserts(folder: Path, events: int) -> float:
    store = Store.open(f"chdb://{folder}")
    try:
        store.migrate()
        store.command(SQL["engine_table"])
        size = min(events, BLOCK_ROWS)
        blocks = [made.flat(at, size) for at in range(0, events, size)]
        begun = time.perf_counter()
        for block in blocks:
            store.insert_raw("engine_events", block, "JSONEachRow")
        return len(blocks) * size / (time.perf_counter() - begun)
    finally:
        store.close()


@contextmanager
def _writing(folder: Path) -> Iterator[Writer]:
    store = Store.open(f"chdb://{folder}")
    try:
        store.migrate()
        writer = Writer(store, SystemClock())
        writer.open()
        yield writer
    finally:
        store.close()


def _writer_commits(folder: Path, events: int, size: int, parts: int) -> float:
    with _writing(folder) as writer:
        share = size // parts
        commits = [
            [Delivery(made.lines("w", at + part * share, share)) for part in range(parts)]
            for at in range(0, events, size)
        ]
        begun = time.perf_counter()
        stored = 0
        for commit in commits:
            answers = writer.accept(commit)
            stored += sum(one.stored for one in answers if isinstance(one, Receipt))
        writer.drain()
        seconds = time.perf_counter() - begun
        _check(stored == len(commits) * size, f"{stored} stored")
        return stored / seconds


def _imports(folder: Path, events: int) -> float:
    file = folder / "events.ndjson"
    with file.open("wb") as into:
        for at in range(0, events, 10_000):
            into.write(made.lines("i", at, min(10_000, events - at)) + b"\n")
    with _writing(folder / "import") as writer:
        begun = time.perf_counter()
        report = import_files(writer, [file], "ndjson")[0]
        seconds = time.perf_counter() - begun
    file.unlink()
    _check(report.stored == events, f"{report.stored} stored")
    return events / seconds


@contextmanager
def _listening(folder: Path, profile: Path | None) -> Iterator[tuple[int, Store]]:
    store = Store.open(f"chdb://{folder}")
    store.migrate()
    settings = Settings(home=folder)
    watched = Watched(store)
    writer = Writer(
        store if profile is None else watched,
        SystemClock(),
        settings.collector,
        Journal(settings.home),
    )
    writer.open()
    server = uvicorn.Server(uvicorn.Config(create_app(writer, settings), log_level="error"))
    opened = socket.create_server(("127.0.0.1", 0), backlog=256)
    profiler = cProfile.Profile()

    def serve() -> None:
        if profile is None:
            server.run([opened])
        else:
            profiler.runcall(server.run, [opened])

    thread = threading.Thread(target=serve, daemon=True)
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
    if profile is not None:
        _write_profile(profile, profiler, watched)


def _write_profile(folder: Path, profiler: cProfile.Profile, watched: Watched) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "statements.txt").write_text(watched.table(), encoding="utf-8")
    with (folder / "event_loop.txt").open("w", encoding="utf-8") as into:
        pstats.Stats(profiler, stream=into).sort_stats("tottime").print_stats(40)


def _send(port: int, store: Store, load: Load, place: int) -> tuple[float, float, dict[str, Any]]:
    """Send one load from a process of its own; returns events a second until the last one is
    visible, requests a second, and what the senders tell: each answer's seconds, and their own.
    """
    before = store.value(SQL["count_events"])
    told = {
        "port": port,
        "path": PATHS[load.form],
        "kind": KINDS[load.form],
        "prefix": f"{place}-",
        "first": place * EVENTS_A_LOAD,
        **{name: getattr(load, name) for name in ("form", "senders", "records", "requests")},
    }
    program = [sys.executable, "-m", "benchmarks.senders"]
    process = subprocess.Popen(
        program, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(told) + "\n")
        process.stdin.flush()
        _check(process.stdout.readline() == "ready\n", "the senders did not start")
        begun = time.perf_counter()
        process.stdin.write("go\n")
        process.stdin.flush()
        answer: dict[str, Any] = json.loads(process.stdout.readline())
        wanted = before + load.records * load.requests
        while store.value(SQL["count_events"]) < wanted:
            time.sleep(0.01)
            _check(time.perf_counter() - begun < 600, "events are missing")
        seconds = time.perf_counter() - begun
    _check(len(answer["took"]) == load.requests, "the senders were left without an answer")
    _check(answer["refused"] == 0, f"{answer['refused']} requests refused")
    requests = load.requests / answer["seconds"]
    return load.records * load.requests / seconds, requests, answer


def _quantile(took: Sequence[float], share: float) -> str:
    ordered = sorted(took)
    return f"{ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000:.0f}"


def _check(holds: bool, told: str) -> None:
    if not holds:
        raise RuntimeError(f"the benchmark does not measure what it should: {told}")
