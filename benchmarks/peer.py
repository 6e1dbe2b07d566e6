"""A peer beside us: rotel, an OpenTelemetry collector in Rust, and revtrace take the same logs into
the same genuine ClickHouse server (that of the tests), and each is then killed under load.

The peer is installed into a throw-away environment; where that or the server cannot be had, the
benchmark says so and ends.
"""

import json
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from collector.writer import Journal, Writer
from core.clock import SystemClock
from core.store import SqlFolder, Store
from tests.server.genuine import (
    WRITER,
    WRITER_PASSWORD,
    GenuineServer,
    ServerMissing,
    free_port,
)

SQL = SqlFolder(__file__)
ROOT = Path(__file__).resolve().parents[1]
SENDERS, RECORDS = 8, 1_000
KILL_AFTER_SECONDS = 3.0
START_SECONDS_MAX = 60.0
# Nothing more arrives when the count stood still for so long.
STILL_SECONDS = 5.0


@dataclass(frozen=True)
class Contender:
    """One that takes logs: how it is started on a port, and how many records it has kept."""

    name: str
    start: Callable[[int], "subprocess.Popen[bytes]"]
    kept: Callable[[], int]
    # What is done after a SIGKILL before it is counted.
    restart: Callable[[], None]


def run(events: int, console: Console) -> None:
    """Measure both and print, or say what is missing."""
    with tempfile.TemporaryDirectory() as folder:
        server = GenuineServer(Path(folder) / "server")
        try:
            agent = _install(Path(folder) / "peer")
            server.start()
        except (ServerMissing, subprocess.CalledProcessError, OSError) as error:
            console.print(f"no peer to measure beside: {_words(error)}", style="yellow")
            return
        try:
            table = Table("who", "records/s", "acknowledged", "kept after SIGKILL", "lost")
            table.title = f"OTLP logs, {SENDERS} senders of {RECORDS:,}, into one ClickHouse server"
            for contender in (_revtrace(server, Path(folder)), _peer(server, agent)):
                table.add_row(contender.name, *_measure(contender, events))
            console.print(table)
        finally:
            server.kill()


def _install(folder: Path) -> Path:
    subprocess.run([sys.executable, "-m", "venv", folder], check=True, capture_output=True)
    pip = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "rotel"]
    subprocess.run(pip, check=True, capture_output=True)
    found = list(folder.glob("lib/python*/site-packages/rotel/rotel-agent"))
    if not found:
        raise FileNotFoundError("the package rotel has no agent for this machine")
    return found[0]


def _revtrace(server: GenuineServer, home: Path) -> Contender:
    store = Store.open(server.dsn(), database="revtrace")
    store.migrate()

    def start(port: int) -> "subprocess.Popen[bytes]":
        told = [server.dsn(), "revtrace", str(port), str(home)]
        return subprocess.Popen([sys.executable, "-m", "benchmarks.serving", *told], cwd=ROOT)

    def restart() -> None:
        writer = Writer(store, SystemClock(), journal=Journal(home))
        writer.open()
        writer.close()

    return Contender("revtrace", start, lambda: int(store.value(SQL["count_events"])), restart)


def _peer(server: GenuineServer, agent: Path) -> Contender:
    store = Store.open(server.dsn(), database="otel")
    store.command(SQL["peer_table"])

    def start(port: int) -> "subprocess.Popen[bytes]":
        options = {
            "otlp-http-endpoint": f"127.0.0.1:{port}",
            "otlp-grpc-endpoint": f"127.0.0.1:{free_port()}",
            "exporter": "clickhouse",
            "clickhouse-exporter-endpoint": f"http://127.0.0.1:{server.http_port}",
            "clickhouse-exporter-user": WRITER,
            "clickhouse-exporter-password": WRITER_PASSWORD,
        }
        told = [part for name, value in options.items() for part in (f"--{name}", value)]
        quiet = subprocess.DEVNULL
        return subprocess.Popen([agent, "start", *told], stdout=quiet, stderr=quiet)

    return Contender("rotel", start, lambda: int(store.value(SQL["count_peer"])), lambda: None)


def _measure(contender: Contender, events: int) -> tuple[str, ...]:
    port = free_port()
    process = contender.start(port)
    try:
        _await_port(process, port)
        begun = time.perf_counter()
        answered = _send(port, "a-", max(events // RECORDS, SENDERS))
        wanted = answered * RECORDS
        last = _still(contender.kept, wanted)
        rate = contender.kept() / (last - begun)
        before = contender.kept()
        senders = _sending(port, "b-", max(events * 10 // RECORDS, SENDERS))
        time.sleep(KILL_AFTER_SECONDS)
        process.send_signal(signal.SIGKILL)
        process.wait()
        acknowledged = _answers(senders) * RECORDS
    finally:
        process.kill()
        process.wait()
    contender.restart()
    _still(contender.kept, before + acknowledged)
    kept = contender.kept() - before
    lost = max(acknowledged - kept, 0)
    share = f"{lost:,} ({lost / max(acknowledged, 1):.0%})"
    return f"{rate:,.0f}", f"{acknowledged:,}", f"{kept:,}", share


def _await_port(process: "subprocess.Popen[bytes]", port: int) -> None:
    until = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"{process.args!r} did not listen")


def _still(kept: Callable[[], int], wanted: int) -> float:
    """Wait until as many are kept, or no more come; returns when the last one came."""
    count, last = kept(), time.perf_counter()
    while count < wanted and time.perf_counter() - last < STILL_SECONDS:
        time.sleep(0.05)
        if (now := kept()) != count:
            count, last = now, time.perf_counter()
    return last


def _send(port: int, prefix: str, requests: int) -> int:
    return _answers(_sending(port, prefix, requests))


def _sending(port: int, prefix: str, requests: int) -> "subprocess.Popen[str]":
    load = {
        "port": port,
        "path": "/v1/logs",
        "kind": "application/x-protobuf",
        "prefix": prefix,
        "first": 0,
        "form": "logs",
        "senders": SENDERS,
        "records": RECORDS,
        "requests": requests,
    }
    program = [sys.executable, "-m", "benchmarks.senders"]
    pipe = subprocess.PIPE
    process = subprocess.Popen(program, cwd=ROOT, stdin=pipe, stdout=pipe, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(load) + "\n")
    process.stdin.flush()
    if process.stdout.readline() != "ready\n":
        raise RuntimeError("the senders did not start")
    process.stdin.write("go\n")
    process.stdin.flush()
    return process


def _answers(process: "subprocess.Popen[str]") -> int:
    """How many requests were answered 200."""
    with process:
        assert process.stdout is not None
        told: dict[str, Any] = json.loads(process.stdout.readline())
    return len(told["took"]) - int(told["refused"])


def _words(error: Exception) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        said = (error.stderr or b"").decode(errors="replace").strip().splitlines()
        return said[-1] if said else str(error)
    return str(error)
